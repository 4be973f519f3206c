/* SPDX-License-Identifier: MIT */
/*
 * An NMI storm for tests: the PIT, which the kernel uses for nothing else once the clocks are
 * calibrated, interrupts periodically, and the IOAPIC delivers that to every CPU as an NMI.  So
 * they come at no instruction in particular, in step with nothing that the CPUs do.
 */
#include "kernel/cpu/nmi_storm.h"

#include "boot/cmdline.h"
#include "kernel/cpu/apic.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"

#define PIT_HZ 1193182
#define PIT_IRQ 0
#define PIT_CHANNEL0 0x40
#define PIT_COMMAND 0x43
#define PIT_CH0_MODE2 0x34	/* channel 0, low byte then high, rate generator */

void nmi_storm_start(void)
{
	unsigned count;

	if (!boot_options.nmi_storm_hz)
		return;
	if (ioapic_route_nmi(PIT_IRQ))
		fatal("nmistorm: no IOAPIC has a pin for the PIT");
	count = PIT_HZ / boot_options.nmi_storm_hz;
	outb(PIT_COMMAND, PIT_CH0_MODE2);
	outb(PIT_CHANNEL0, count & 0xff);
	outb(PIT_CHANNEL0, count >> 8);
}

/* SPDX-License-Identifier: MIT */
/*
 * The frequencies of TSC and LAPIC timer: told by the hypervisor or by CPUID, else counted
 * against a clock of known frequency for a millisecond.  (No longer: under -icount a
 * millisecond is a million instructions, a tenth of what the whole boot may take.)
 */
#include "kernel/cpu/calibrate.h"

#include "kernel/cpu/acpi.h"
#include "kernel/cpu/apic_regs.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"

#define PIT_HZ       1193182
#define PIT_COMMAND  0x43
#define PIT_CHANNEL2 0x42
#define PIT_CH2_MODE0 0xb0	/* channel 2, low byte then high, interrupt on terminal count */
#define PIT_GATE_PORT 0x61
#define GATE_ON      0x01
#define GATE_SPEAKER 0x02
#define GATE_OUT     0x20
#define PIT_TICKS    1193	/* 1 ms */

#define PM_TIMER_HZ    3579545
#define PM_TIMER_TICKS 3580	/* 1 ms */
#define PM_TIMER_MASK  0xffffff	/* 24 bits are always there */

#define TRIES 5
#define GIVE_UP_CYCLES (1ull << 31)	/* half a second and more on any CPU: this clock is dead */

struct window {
	uint64_t tsc, apic;	/* counts within it */
	uint64_t ticks, hz;	/* how long it was, on the known clock */
	uint64_t doubt;		/* TSC cycles that its two ends are uncertain by */
};

struct edge {
	uint64_t before, after;
	uint32_t apic;
};

static struct edge edge_since(uint64_t before)
{
	return (struct edge){ before, rdtsc(), apic_read(APIC_TIMER_CURRENT) };
}

static void close_window(struct window *w, const struct edge *from, const struct edge *to)
{
	w->tsc = to->after - from->after;
	w->apic = from->apic - to->apic;	/* it counts down */
	w->doubt = (from->after - from->before) + (to->after - to->before);
}

/* Mode 0: OUT is low from the write of the count until one tick after it has run out. */
static bool pit_window(struct window *w)
{
	struct edge start, end;
	uint64_t before;

	outb(PIT_GATE_PORT, (inb(PIT_GATE_PORT) & ~GATE_SPEAKER) | GATE_ON);
	outb(PIT_COMMAND, PIT_CH2_MODE0);
	outb(PIT_CHANNEL2, PIT_TICKS & 0xff);
	before = rdtsc();
	outb(PIT_CHANNEL2, PIT_TICKS >> 8);
	start = edge_since(before);
	if (inb(PIT_GATE_PORT) & GATE_OUT)
		return false;	/* no such port (it reads as ones), or we were away too long */
	/* before: the last time at which OUT was surely low still. */
	for (uint64_t now = rdtsc(); !(inb(PIT_GATE_PORT) & GATE_OUT); now = rdtsc()) {
		before = now;
		if (before - start.after > GIVE_UP_CYCLES)
			return false;
	}
	end = edge_since(before);
	*w = (struct window){ .ticks = PIT_TICKS + 1, .hz = PIT_HZ };
	close_window(w, &start, &end);
	return true;
}

/* For machines whose firmware has stopped the PIT's clock. */
static bool pm_timer_window(struct window *w)
{
	uint16_t port = acpi_info.pm_timer_port;
	struct edge start, end;
	uint64_t before = rdtsc();
	uint32_t first, ticks;

	if (!port)
		return false;
	first = inl(port);
	start = edge_since(before);
	do {
		before = rdtsc();
		if (before - start.after > GIVE_UP_CYCLES)
			return false;
		ticks = (inl(port) - first) & PM_TIMER_MASK;
	} while (ticks < PM_TIMER_TICKS);
	end = edge_since(before);
	*w = (struct window){ .ticks = ticks, .hz = PM_TIMER_HZ };
	close_window(w, &start, &end);
	return true;
}

/* The best of a few: a host that takes the CPU away at an end of the window makes an outlier. */
static void measure(struct clock_params *out)
{
	struct window best = { .doubt = UINT64_MAX }, w;

	apic_write(APIC_TIMER_INITIAL, UINT32_MAX);	/* LVT masked: it only counts */
	for (unsigned i = 0; i < TRIES && best.doubt > best.tsc / 200; i++) {
		if ((pit_window(&w) || pm_timer_window(&w)) && w.doubt < best.doubt)
			best = w;
	}
	if (best.doubt == UINT64_MAX)
		fatal("clock: neither PIT nor ACPI timer runs, cannot calibrate");
	apic_write(APIC_TIMER_INITIAL, 0);
	out->tsc_hz = best.tsc * best.hz / best.ticks;
	out->apic_timer_hz = best.apic * best.hz / best.ticks;
}

/* Leaf 0x40000010 (VMware's, also KVM's): TSC and bus frequency in kHz. */
static bool hypervisor_tells(struct clock_params *out)
{
	struct cpuid_regs r;

	if (!cpu_has(FEATURE_HYPERVISOR) || cpuid(0x40000000, 0).eax < 0x40000010)
		return false;
	r = cpuid(0x40000010, 0);
	out->tsc_hz = r.eax * 1000ull;
	out->apic_timer_hz = r.ebx * 1000ull;
	return r.eax && r.ebx;
}

/* Leaf 0x15: TSC = crystal * EBX / EAX; the LAPIC timer counts the crystal (SDM vol. 3, 11.5.4). */
static bool cpuid_tells(struct clock_params *out)
{
	struct cpuid_regs r;

	if (cpu_info.vendor != VENDOR_INTEL || cpuid(0, 0).eax < 0x15)
		return false;
	r = cpuid(0x15, 0);
	if (!r.eax || !r.ebx || !r.ecx)
		return false;
	out->tsc_hz = (uint64_t)r.ecx * r.ebx / r.eax;
	out->apic_timer_hz = r.ecx;
	return true;
}

/* QEMU's LAPIC timer, and under -icount its TSC, have 1 GHz by definition. */
static uint64_t exact_gigahertz(uint64_t hz)
{
	return hz > 990000000 && hz < 1010000000 ? 1000000000 : hz;
}

void clock_calibrate(struct clock_params *out)
{
	if (hypervisor_tells(out) || cpuid_tells(out))
		return;
	measure(out);
	if (cpu_has(FEATURE_TCG)) {
		out->tsc_hz = exact_gigahertz(out->tsc_hz);
		out->apic_timer_hz = exact_gigahertz(out->apic_timer_hz);
	}
	if (!out->tsc_hz || !out->apic_timer_hz)
		fatal("clock: TSC or APIC timer does not count");
}

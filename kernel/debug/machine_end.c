/* SPDX-License-Identifier: MIT */
/* The ways in which the machine stops. */
#include "kernel/debug/machine_end.h"
#include "boot/console.h"
#include "kernel/cpu/acpi.h"
#include "kernel/cpu/x86.h"
#include "kernel/lib/print.h"

#define DEBUG_EXIT_PORT 0xf4		/* QEMU: -device isa-debug-exit,iobase=0xf4,iosize=4 */
#define PM1_SLP_TYP(t)	((t) << 10)	/* ACPI 6.5, table 4.13 */
#define PM1_SLP_EN	(1u << 13)
#define POST_PORT	0x80
#define RESET_PORT	0xcf9		/* chipset reset control (PIIX3, ICH data sheets) */
#define RESET_COLD	0x02
#define RESET_NOW	0x06
#define KEYBOARD_STATUS 0x64
#define KEYBOARD_FULL	0x02
#define KEYBOARD_RESET	0xfe

static __noreturn void halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt" ::: "memory");
}

static void debug_exit(enum machine_end why)
{
	console_drain();
	outb(DEBUG_EXIT_PORT, why);
}

static void acpi_power_off(void)
{
	if (!acpi_info.pm1a_control || acpi_info.slp_typ_s5 == 0xffff)
		return;
	outw(acpi_info.pm1a_control, PM1_SLP_TYP(acpi_info.slp_typ_s5) | PM1_SLP_EN);
	/* Power takes a moment to go: a million reads of an unused port are about a second. */
	for (unsigned i = 0; i < 1000000; i++)
		inb(POST_PORT);
}

void machine_power_off(unsigned status)
{
	irq_disable();
	printk_warn("power off, status %u\n", status);
	debug_exit(END_POWER_OFF);
	acpi_power_off();
	printk_warn("this machine cannot power itself off: halted\n");
	halt();
}

void machine_fail(enum machine_end why)
{
	irq_disable();
	debug_exit(why);
	printk_warn("paranoid: halted\n");
	halt();
}

void machine_fail_silently(enum machine_end why)
{
	outb(DEBUG_EXIT_PORT, why);
	halt();
}

static void triple_fault(void)
{
	struct __packed {
		uint16_t limit;
		uint64_t base;
	} no_idt = { 0, 0 };

	__asm__ volatile("lidt %0; int3" ::"m"(no_idt));
}

void machine_restart(void)
{
	irq_disable();
	printk_warn("restart\n");
	console_drain();
	outb(RESET_PORT, RESET_COLD);
	outb(RESET_PORT, RESET_NOW);
	for (unsigned i = 0; i < 100000 && (inb(KEYBOARD_STATUS) & KEYBOARD_FULL); i++)
		cpu_relax();
	outb(KEYBOARD_STATUS, KEYBOARD_RESET);
	triple_fault();
	halt();
}

/* SPDX-License-Identifier: MIT */
/* The ways in which the machine stops. */
#include "kernel/debug/machine_end.h"
#include "boot/cmdline.h"
#include "boot/console.h"
#include "kernel/cpu/acpi.h"
#include "kernel/cpu/x86.h"
#include "kernel/lib/print.h"

#define DEBUG_EXIT_PORT 0xf4		/* QEMU: -device isa-debug-exit,iobase=0xf4,iosize=4 */
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

void machine_power_off(unsigned status)
{
	irq_disable();
	printk_warn("power off, status %u\n", status);
	debug_exit(END_POWER_OFF);
	if (!boot_options.stay) {
		acpi_power_off();
		printk_warn("this machine cannot switch itself off\n");
	}
	printk_warn("halted: press the power button\n");
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
	acpi_reset();
	outb(RESET_PORT, RESET_COLD);
	outb(RESET_PORT, RESET_NOW);
	for (unsigned i = 0; i < 100000 && (inb(KEYBOARD_STATUS) & KEYBOARD_FULL); i++)
		cpu_relax();
	outb(KEYBOARD_STATUS, KEYBOARD_RESET);
	triple_fault();
	halt();
}

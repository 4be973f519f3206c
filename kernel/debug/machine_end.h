/* SPDX-License-Identifier: MIT */
/* The ways in which the machine stops, and how the host learns why. */
#pragma once

#include "kernel/lib/compiler.h"

/*
 * What isa-debug-exit (port 0xf4) is given; QEMU's own status is (value << 1) | 1.
 * The exact program status (0..255) stands in the log line "power off, status N".
 */
enum machine_end {
	END_POWER_OFF = 0x20,	/* QEMU status 65 */
	END_PANIC     = 0x21,	/* QEMU status 67 */
	END_FATAL     = 0x22,	/* QEMU status 69: bad boot data, no memory, no APIC ... */
};

/*
 * Prints "power off, status N", tries isa-debug-exit, then (not with the option stay) ACPI, then
 * halts with a last word to whoever sits in front.
 */
__noreturn void machine_power_off(unsigned status);
/* ACPI's reset register, the chipset's, the keyboard controller, a triple fault. */
__noreturn void machine_restart(void);
/* After a panic or fatal error; never returns, never reboots silently. */
__noreturn void machine_fail(enum machine_end why);
/* The same where printing itself may be what fails. */
__noreturn void machine_fail_silently(enum machine_end why);

/* SPDX-License-Identifier: MIT */
/* What a panic shows (kernel/debug/panic_report.c), and what its parts share. */
#pragma once

#include "kernel/cpu/ptregs.h"
#include "kernel/lib/compiler.h"

/* The state on arrival. */
struct panic_state {
	unsigned cpu;
	uint64_t gs_live, gs_inactive;	/* MSR_GS_BASE and MSR_KERNEL_GS_BASE */
	uintptr_t rsp, rip, rbp;	/* of whoever called panic */
	uint64_t rflags;
	const struct pt_regs *regs;	/* the interrupted state of a fault, or NULL */
};

/* The whole page, on every console: see the picture in panic_report.c. */
void panic_report(const struct panic_state *s, const char *message);

/* One line of it.  No time stamp: a line of a text screen has 80 columns. */
void panic_line(const char *fmt, ...) __format(1, 2);
/* Can n bytes at a kernel address be read without a fault? */
bool panic_readable(uintptr_t addr, size_t n);

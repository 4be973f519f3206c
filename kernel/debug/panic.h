/* SPDX-License-Identifier: MIT */
/*
 * The end of the road, and the assertion that leads there.  Every invariant has an
 * id (GS-1, LOCK-1, ...) that stands in docs/INVARIANTS.md as well.
 */
#pragma once

#include "kernel/lib/compiler.h"

struct pt_regs;

/*
 * Stops all other CPUs, shows the panic page (kernel/debug/panic_report.c) on every console, and
 * ends the machine with the failure status.  Any context.
 */
__noreturn void panic(const char *fmt, ...) __format(1, 2);
/* The same for a fault: regs is the interrupted state to print. */
__noreturn void panic_regs(const struct pt_regs *regs, const char *fmt, ...) __format(2, 3);

/* A condition that the outside world got wrong (boot data, hardware): one line, then the end. */
__noreturn void fatal(const char *fmt, ...) __format(1, 2);

/* If there is a panic on another CPU, this one stops here for good.  Any context. */
void panic_stop_here(void);

/* True once panic has begun anywhere: locks may then be held by CPUs that are stopped. */
bool panic_in_progress(void);

#define ASSERT(cond, id)                                                                   \
	do {                                                                               \
		if (unlikely(!(cond)))                                                     \
			panic("%s violated: %s (%s:%d)", id, #cond, __FILE__, __LINE__);   \
	} while (0)

/* On paths where a few instructions count: only in debug builds. */
#ifdef CONFIG_DEBUG
#define ASSERT_DEBUG(cond, id) ASSERT(cond, id)
#else
#define ASSERT_DEBUG(cond, id) ((void)0)
#endif

/* The chain of callers along the frame pointers, as lines of a panic. */
void backtrace_print(uintptr_t rbp, uintptr_t rip);
/* Name and offset of the function at addr; "?" where there is none. */
const char *symbol_lookup(uintptr_t addr, uintptr_t *offset);

/* SPDX-License-Identifier: MIT */
/* CPU time as a clock: of a process or a thread (clock_getcpuclockid(3)). */
#pragma once

#include "kernel/lib/compiler.h"

struct process;

struct cpu_clock {
	struct process *process;	/* NULL: this is none */
	int tid;			/* 0: of the whole process */
	uint64_t seen, distance;	/* of who waits: at the last look, and until the next */
};

/*
 * A timer on CPU time looks no more often than that; a tick of Linux's is as fine.  While none is
 * used it looks more and more seldom.
 */
#define CPU_CLOCK_LOOK_NS      1000000ull
#define CPU_CLOCK_LOOK_MAX_NS 100000000ull

/* A clock number of CPU time, be there such a process or not. */
bool is_cpu_clock(int id);
/* Numbers of the same form that Linux has for clocks of devices. */
bool is_file_clock(int id);
/*
 * Another process's, or a thread's of this one, with a reference to the process.  -EINVAL: there
 * is no such thing.  Thread context, no locks held; the put may free the process.
 */
int cpu_clock_get(struct cpu_clock *c, int id);
void cpu_clock_put(struct cpu_clock *c);

/* process_lock held.  False: the thread has ended. */
bool cpu_clock_used(const struct cpu_clock *c, uint64_t *ns);
/*
 * process_lock held, c has used so much.  When to look again for left_ns more: a time of the
 * monotonic clock, before which it cannot have been used.
 */
uint64_t cpu_clock_look(struct cpu_clock *c, uint64_t used, uint64_t left_ns);
/* cpu_clock_used(), without process_lock; 0 of a thread that has ended. */
uint64_t cpu_clock_read(const struct cpu_clock *c);

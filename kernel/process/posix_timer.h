/* SPDX-License-Identifier: MIT */
/* The timers of timer_create(2).  kernel/process/posix_timer_fire.c tells how they go. */
#pragma once

#include <sys/queue.h>
#include "kernel/process/cpu_clock.h"
#include "kernel/process/sigstate.h"
#include "sched/retimer.h"

struct process;

struct posix_timer {			/* process's lock: see posix_timer.c */
	LIST_ENTRY(posix_timer) link;
	struct process *process;
	int id, clock;
	int tid;			/* the thread to be told; 0: the process */
	bool silent;			/* SIGEV_NONE */
	bool waiting;			/* atomic: its signal is pending, and will go on with it */
	struct signal_info info;
	struct retimer timer;
	LIST_ENTRY(posix_timer) realtime_link;
	bool realtime;			/* set to a time of the wall clock: it is in that list */
	bool on;			/* or has expired */
	bool fired;			/* fire()'s while the timer runs: the signal was sent */
	struct cpu_clock cpu;		/* process NULL: real time; fire()'s but for process and tid */
	int64_t expires;		/* CPU time, or clock_monotonic_ns(), maybe before 0 */
	uint64_t due;			/* fire()'s while the timer runs: the CPU time it waits for */
	uint64_t interval;		/* ns, INT64_MAX at most; 0: once */
	unsigned overrun;		/* of the signal that was taken last */
};
LIST_HEAD(posix_timer_list, posix_timer);

/* A signal of a timer has been taken: the next period begins.  Own thread, no locks. */
void posix_timer_taken(struct signal_info *info);
/* p->discarded: their timers begin the next period too.  As above, p is the thread's process. */
void posix_timers_go_on(struct process *p);
/* exec, and the end of the process: there are none left.  Last thread, no locks held. */
void posix_timers_drop(struct process *p);

/* For the system calls, kernel/process/posix_timer_syscalls.c; current's timers. */
struct posix_timer_time {
	uint64_t interval, value;	/* ns */
};
/*
 * The number that *t gets, whose other fields are filled in; or -EAGAIN: too many.  Once it has
 * it, another thread may delete it.  value_is_number: si_value too.
 */
int posix_timer_add(struct posix_timer *t, bool value_is_number);
/* -EINVAL: there is no such timer. */
int posix_timer_remove(int id);
/* new NULL: only looks.  absolute: new->value is a time of its clock. */
int posix_timer_exchange(int id, const struct posix_timer_time *new, bool absolute,
			 struct posix_timer_time *old);
int posix_timer_overrun(int id);
/* The wall clock is set, and timers that were set to a time of it are moved.  No locks held. */
void posix_timers_set_clock(uint64_t realtime_ns);
void posix_timer_init(struct posix_timer *t);
/* One that is in no list any more, or not yet. */
void posix_timer_free(struct posix_timer *t);

/* How many there are of all processes; atomic. */
extern unsigned posix_timer_count;

/* posix_timer_fire.c; with the lock of posix_timer.c.  To fire at t->expires. */
void posix_timer_start(struct posix_timer *t);
/*
 * The first time after now in the raster; the number of those passed over.  Its beginning may lie
 * ahead.
 */
int64_t posix_timer_next(const struct posix_timer *t, int64_t now, uint64_t *passed);

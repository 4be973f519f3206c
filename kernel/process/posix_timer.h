/* SPDX-License-Identifier: MIT */
/* The timers of timer_create(2).  kernel/process/posix_timer.c tells how they go. */
#pragma once

#include <sys/queue.h>
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
	bool fired;			/* fire()'s while the timer runs: once was enough */
	int64_t expires;		/* clock_monotonic_ns(); an absolute time may be before 0 */
	uint64_t interval;		/* ns; 0: once */
	unsigned overrun;		/* of the signal that was taken last */
};
LIST_HEAD(posix_timer_list, posix_timer);

/* A signal with code SI_TIMER has been taken: the next period begins.  Own thread, no locks. */
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

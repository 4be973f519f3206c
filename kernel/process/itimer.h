/* SPDX-License-Identifier: MIT */
/* The interval timers of a process: setitimer and alarm. */
#pragma once

#include "kernel/process/cpu_itimer.h"
#include "sched/timer.h"

struct process;

struct itimer {				/* on real time; RANK_ITIMER */
	struct timer timer;
	uint64_t expires;		/* clock_monotonic_ns(); 0: off */
	uint64_t interval;		/* ns; 0: once */
};

void itimer_init(struct process *p);
/* SIGALRM has been taken: the next period begins.  Thread of p, no locks held. */
void itimer_rearm(struct process *p);
/* The process is about to end. */
void itimer_stop(struct process *p);

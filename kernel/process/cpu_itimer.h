/* SPDX-License-Identifier: MIT */
/* An interval timer that counts the CPU time of a process: ITIMER_VIRTUAL, ITIMER_PROF. */
#pragma once

#include "kernel/process/cpu_clock.h"
#include "sched/retimer.h"

struct process;

struct cpu_itimer {			/* RANK_ITIMER; while the timer is on, fire()'s */
	struct retimer timer;
	struct cpu_clock clock;		/* without a reference: the timer is in the process */
	int signo;
	uint64_t expires;		/* CPU time of the process, ns; 0: off */
	uint64_t interval;		/* ns; 0: once */
};

void cpu_itimer_init(struct cpu_itimer *it, struct process *p, int signo);
/* used: CPU time of the process by now.  What is left, in ns; 0: off. */
uint64_t cpu_itimer_left(const struct cpu_itimer *it, uint64_t used);
/* value 0: off.  The itimer lock is held. */
void cpu_itimer_set(struct cpu_itimer *it, uint64_t used, uint64_t value, uint64_t interval);

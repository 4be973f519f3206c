/* SPDX-License-Identifier: MIT */
/*
 * Timers whose function may arm them again, which struct timer does not allow: two of them take
 * turns.
 */
#pragma once

#include "sched/timer.h"

struct retimer {
	struct timer turn[2];
	unsigned next;			/* whose turn it is when the running one arms */
	bool on;			/* atomic: the function may arm */
	void (*fire)(struct retimer *);	/* interrupt context, no locks held */
};

void retimer_init(struct retimer *r, void (*fire)(struct retimer *));
/* Arms, in place of an earlier deadline.  Thread context, calls not at the same time. */
void retimer_start(struct retimer *r, uint64_t deadline_ns);
/* After it returns, fire is not running anywhere and will not run.  As retimer_start(). */
void retimer_stop(struct retimer *r);
/* Within fire: once more.  Does nothing if somebody is stopping the timer. */
void retimer_again(struct retimer *r, uint64_t deadline_ns);

/* SPDX-License-Identifier: MIT */
/* Per-CPU timers on the LAPIC's one-shot mode: no tick when nobody waits. */
#pragma once

#include <bsd/sys/tree.h>
#include "kernel/lib/compiler.h"

struct timer {
	RB_ENTRY(timer) node;
	uint64_t deadline;			/* clock_monotonic_ns() */
	/*
	 * Interrupt context, no locks held.  It may not arm or cancel its own timer: both wait for
	 * its end.
	 */
	void (*fire)(struct timer *);
	unsigned cpu;				/* whose queue; at first best the arming CPU */
	bool armed;
};

#define TIMEOUT_NEVER UINT64_MAX

/* Arms on the calling CPU (replacing an earlier deadline). */
void timer_arm(struct timer *t, uint64_t deadline_ns);
/* After it returns, fire is not running anywhere and will not run.  Thread context. */
void timer_cancel(struct timer *t);
/* The VECTOR_TIMER handler. */
void timer_interrupt(void);

/*
 * Like schedule(), but also woken at deadline.  The caller has done wait_prepare.
 * Returns true if the deadline has passed.
 */
bool schedule_until(uint64_t deadline_ns);

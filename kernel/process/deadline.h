/* SPDX-License-Identifier: MIT */
/* When a wait ends: a time of the monotonic clock, or one of the wall clock, which may be set. */
#pragma once

#include "sched/timer.h"
#include "sched/wait.h"

struct deadline {
	uint64_t ns;			/* TIMEOUT_NEVER: none */
	bool realtime;
};

/* Woken when the wall clock has been set.  Who waits for a time of it waits here too. */
extern struct waitq clock_was_set;

/* A time of the wall clock as one of the monotonic clock. */
uint64_t realtime_to_monotonic(uint64_t ns);
/*
 * The time of the monotonic clock, as the wall clock stands.  To be asked after
 * wait_prepare(), each time around: whoever sets it wakes clock_was_set afterwards.
 */
static inline uint64_t deadline_monotonic(struct deadline d)
{
	return likely(!d.realtime) ? d.ns : realtime_to_monotonic(d.ns);
}
/* The wall clock is set, and all who go by it are told.  Thread context, no locks held. */
void clock_set(uint64_t realtime_ns);

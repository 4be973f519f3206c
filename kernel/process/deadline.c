/* SPDX-License-Identifier: MIT */
/*
 * Times of the wall clock, and setting it.  Only what names a time of that clock is moved: absolute
 * timers, sleeps and time limits.  What names a distance is not (POSIX clock_settime).
 */
#include "kernel/cpu/clock.h"
#include "kernel/process/deadline.h"
#include "kernel/process/posix_timer.h"
#include "kernel/process/timespec.h"
#include "sched/sched.h"

struct waitq clock_was_set = WAITQ(clock_was_set);

uint64_t realtime_to_monotonic(uint64_t ns)
{
	uint64_t now = clock_realtime_ns();

	if (ns == TIMEOUT_NEVER)
		return ns;
	return ns > now ? deadline_after(ns - now) : 0;
}

void clock_set(uint64_t realtime_ns)
{
	posix_timers_set_clock(realtime_ns);
	wake_up_all(&clock_was_set);
}

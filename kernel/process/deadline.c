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

uint64_t deadline_monotonic(struct deadline d)
{
	uint64_t now;

	if (!d.realtime || d.ns == TIMEOUT_NEVER)
		return d.ns;
	now = clock_realtime_ns();
	return d.ns > now ? deadline_after(d.ns - now) : 0;
}

void clock_set(uint64_t realtime_ns)
{
	posix_timers_set_clock(realtime_ns);
	wake_up_all(&clock_was_set);
}

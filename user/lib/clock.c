/* SPDX-License-Identifier: MIT */
/* The time on a clock. */
#include "user/lib/clock.h"

int64_t clock_ns(int clock)
{
	struct __kernel_old_timespec t = { 0, 0 };

	SYS(clock_gettime, clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_ms(int clock)
{
	return clock_ns(clock) / 1000000;
}

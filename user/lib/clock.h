/* SPDX-License-Identifier: MIT */
/* What time it is on a clock, and the interval timers' settings. */
#pragma once

#include "user/lib/sys.h"

/* As setitimer and getitimer take it. */
struct interval {
	long interval_sec, interval_usec, sec, usec;
};

/* Any clock of clock_gettime; 0 if there is none of that number. */
int64_t clock_ns(int clock);
int64_t clock_ms(int clock);

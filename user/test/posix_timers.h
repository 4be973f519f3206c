/* SPDX-License-Identifier: MIT */
/* For the tests of timers: the calls. */
#pragma once

#include <linux/signal.h>
#include "user/lib/sys.h"

#ifdef __x86_64__
#define NR_SETTIME __NR_timer_settime
#define NR_GETTIME __NR_timer_gettime
#else
#define NR_SETTIME __NR_timer_settime64
#define NR_GETTIME __NR_timer_gettime64
#endif
struct setting {
	struct { long long sec, nsec; } interval, value;
};

#define MS 1000000

static inline int create(int clock, int notify, int signo, int value)
{
	struct sigevent e = { .sigev_notify = notify, .sigev_signo = signo,
			      .sigev_value.sival_int = value,
			      ._sigev_un._tid = (int)SYS(gettid) };
	int id = -1, ret = (int)SYS(timer_create, clock, &e, &id);

	return ret ? ret : id;
}

/* 32 bit: the call of before 2038 takes a smaller structure. */
static bool old_layout;

static inline long set(int id, int flags, long long value_ns, long long interval_ns,
		       struct setting *old)
{
	struct setting s = { { interval_ns / 1000000000, interval_ns % 1000000000 },
			     { value_ns / 1000000000, value_ns % 1000000000 } };
	int small[4] = { (int)s.interval.sec, (int)s.interval.nsec, (int)s.value.sec,
			 (int)s.value.nsec };

	if (old_layout)
		return SYS(timer_settime, id, flags, small, NULL);
	return SYS_NR(NR_SETTIME, id, flags, &s, old);
}

static inline bool is_pending(int signo)
{
	uint64_t pending = 0;

	SYS(rt_sigpending, &pending, sizeof(pending));
	return pending & SIGNAL_BIT(signo);
}

static inline void wait_pending(int signo)
{
	for (unsigned i = 0; i < 10000 && !is_pending(signo); i++)
		sleep_ms(2);
}

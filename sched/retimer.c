/* SPDX-License-Identifier: MIT */
/*
 * At any time at most one of the two is armed, and while one fires the other one is free.  Who
 * stops clears .on first.  A function that has not seen that yet may still arm the other timer; so
 * the first is cancelled - which waits for its function - then the second, which it may have armed
 * or whose function may have armed the first, then the first again.
 */
#include "sched/retimer.h"

static void fire_0(struct timer *t)
{
	struct retimer *r = container_of(t, struct retimer, turn[0]);

	r->fire(r);
}

static void fire_1(struct timer *t)
{
	struct retimer *r = container_of(t, struct retimer, turn[1]);

	r->fire(r);
}

void retimer_init(struct retimer *r, void (*fire)(struct retimer *))
{
	*r = (struct retimer){ .turn = { { .fire = fire_0 }, { .fire = fire_1 } }, .fire = fire };
}

void retimer_stop(struct retimer *r)
{
	__atomic_store_n(&r->on, false, __ATOMIC_SEQ_CST);
	timer_cancel(&r->turn[0]);
	timer_cancel(&r->turn[1]);
	timer_cancel(&r->turn[0]);
}

void retimer_start(struct retimer *r, uint64_t deadline_ns)
{
	retimer_stop(r);
	r->next = 1;
	__atomic_store_n(&r->on, true, __ATOMIC_SEQ_CST);
	timer_arm(&r->turn[0], deadline_ns);
}

void retimer_again(struct retimer *r, uint64_t deadline_ns)
{
	unsigned turn = r->next;

	if (!__atomic_load_n(&r->on, __ATOMIC_SEQ_CST))
		return;
	r->next = !turn;	/* before the other can fire, maybe elsewhere */
	timer_arm(&r->turn[turn], deadline_ns);
}

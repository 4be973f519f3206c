/* SPDX-License-Identifier: MIT */
/* Sleeping locks. */
#include "kernel/debug/panic.h"
#include "sched/mutex.h"
#include "sched/sched.h"

void mutex_init(struct mutex *m, const char *name, enum lock_rank rank)
{
	*m = (struct mutex){ .name = name, .rank = rank };
	waitq_init(&m->waiters);
}

static bool try_take(struct mutex *m)
{
	return !__atomic_exchange_n(&m->locked, 1, __ATOMIC_ACQUIRE);
}

void mutex_lock(struct mutex *m)
{
	ASSERT(m->owner != current_thread(), "LOCK-4");	/* not recursive */
	lock_order_acquire(m->name, m->rank);
	if (!try_take(m))
		wait_event_hard(&m->waiters, try_take(m));
	m->owner = current_thread();
}

/*
 * The exchange is a full barrier, so a sleeper that the look at the list does not show yet will see the
 * lock free when it tries again after queueing up.
 */
void mutex_unlock(struct mutex *m)
{
	ASSERT(mutex_held(m), "LOCK-4");
	lock_order_release(m->rank);
	m->owner = NULL;
	__atomic_exchange_n(&m->locked, 0, __ATOMIC_SEQ_CST);
	if (!waitq_empty(&m->waiters))
		wake_up(&m->waiters, 1);
}

bool mutex_held(const struct mutex *m)
{
	return m->owner == current_thread();
}

/* SPDX-License-Identifier: MIT */
/* A sleeping lock.  Thread context only; ranks as in kernel/lib/lock.h. */
#pragma once

#include "kernel/cpu/percpu.h"
#include "kernel/debug/panic.h"
#include "sched/wait.h"

struct mutex {
	uint32_t locked;
	struct waitq waiters;
	struct thread *owner;
	const char *name;
	enum lock_rank rank;
};

void mutex_init(struct mutex *m, const char *name, enum lock_rank rank);
/* sched/mutex.c: the slow halves. */
void mutex_wait(struct mutex *m);
void mutex_wake(struct mutex *m);

/* By the calling thread. */
static inline bool mutex_held(const struct mutex *m)
{
	return m->owner == this_cpu(current);
}

static inline bool mutex_try(struct mutex *m)
{
	return !__atomic_exchange_n(&m->locked, 1, __ATOMIC_ACQUIRE);
}

/* Not interruptible: hold times are short.  Not recursive (LOCK-4). */
static inline void mutex_lock(struct mutex *m)
{
	ASSERT_DEBUG(!mutex_held(m), "LOCK-4");
	lock_order_acquire(m->name, m->rank);
	if (unlikely(!mutex_try(m)))
		mutex_wait(m);
	m->owner = this_cpu(current);
}

/*
 * The exchange is a full barrier, so a sleeper that the look at the list does not show yet will
 * see the lock free when it tries again after queueing up.
 */
static inline void mutex_unlock(struct mutex *m)
{
	ASSERT_DEBUG(mutex_held(m), "LOCK-4");
	lock_order_release(m->rank);
	m->owner = NULL;
	__atomic_exchange_n(&m->locked, 0, __ATOMIC_SEQ_CST);
	if (unlikely(!TAILQ_EMPTY(&m->waiters.list)))
		mutex_wake(m);
}

#define MUTEX(m, name_, rank_)                                                             \
	{ .waiters = WAITQ((m).waiters), .name = (name_), .rank = (rank_) }

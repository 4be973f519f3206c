/* SPDX-License-Identifier: MIT */
/* Sleeping locks. */
#include "sched/mutex.h"
#include "sched/sched.h"

void mutex_init(struct mutex *m, const char *name, enum lock_rank rank)
{
	*m = (struct mutex){ .name = name, .rank = rank };
	waitq_init(&m->waiters);
}

void mutex_wait(struct mutex *m)
{
	wait_event_hard(&m->waiters, mutex_try(m));
}

void mutex_wake(struct mutex *m)
{
	wake_up(&m->waiters, 1);
}

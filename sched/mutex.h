/* SPDX-License-Identifier: MIT */
/* A sleeping lock.  Thread context only; ranks as in kernel/lib/lock.h. */
#pragma once

#include "sched/wait.h"

struct mutex {
	uint32_t locked;
	struct waitq waiters;
	struct thread *owner;
	const char *name;
	enum lock_rank rank;
};

void mutex_init(struct mutex *m, const char *name, enum lock_rank rank);
void mutex_lock(struct mutex *m);	/* not interruptible: hold times are short */
void mutex_unlock(struct mutex *m);
bool mutex_held(const struct mutex *m);	/* by the calling thread */
#define MUTEX(m, name_, rank_)                                                             \
	{ .waiters = WAITQ((m).waiters), .name = (name_), .rank = (rank_) }

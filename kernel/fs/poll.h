/* SPDX-License-Identifier: MIT */
/* What poll operations of files need. */
#pragma once

#include "sched/wait.h"

/* One file that a poller looks at; it sleeps on at most one queue for it. */
struct poll_table {
	struct waitq *wq;	/* NULL: none yet */
	struct waiter waiter;
};

/* Called by poll operations before they look at the state; table may be NULL. */
static inline void poll_wait(struct poll_table *table, struct waitq *wq)
{
	if (!table)
		return;
	table->wq = wq;
	wait_prepare(wq, &table->waiter, THREAD_SLEEPING);
}

/* SPDX-License-Identifier: MIT */
/*
 * The run queue's lists: one for each level, and a bit map that says which are not
 * empty.  Whatever the number of threads, each operation takes the same time.
 */
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "sched/runqueue.h"

struct runqueue runqueues[MAX_CPUS];

void runqueue_init(struct runqueue *rq, struct thread *idle)
{
	spin_init(&rq->lock, "runqueue", RANK_RUNQUEUE);
	for (unsigned i = 0; i < LEVELS; i++)
		TAILQ_INIT(&rq->level[i]);
	idle->cpu_time = -rdtsc();
	rq->current = rq->idle = idle;
	rq->tick_at = FOREVER;
	rq->online = true;
}

void runqueue_enqueue(struct runqueue *rq, struct thread *t)
{
	unsigned level = t->level;

	ASSERT_DEBUG(t->cpu == rq->idle->cpu && !t->on_rq, "SCHED-4");
	TAILQ_INSERT_TAIL(&rq->level[level], t, rq_link);
	rq->ready[level / 64] |= 1ull << level % 64;
	t->on_rq = true;
	WRITE_ONCE(rq->queued, rq->queued + 1);
}

void runqueue_remove(struct runqueue *rq, struct thread *t)
{
	struct run_list *list = &rq->level[t->level];

	ASSERT_DEBUG(t->cpu == rq->idle->cpu && t->on_rq, "SCHED-4");
	TAILQ_REMOVE(list, t, rq_link);
	if (TAILQ_EMPTY(list))
		rq->ready[t->level / 64] &= ~(1ull << t->level % 64);
	t->on_rq = false;
	WRITE_ONCE(rq->queued, rq->queued - 1);
}

/* SPDX-License-Identifier: MIT */
/*
 * The run queue's lists: one for each level, and a bit map that says which are not
 * empty.  Whatever the number of threads, each operation takes the same time.
 */
#include "kernel/cpu/x86.h"
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
	unsigned level = READ_ONCE(t->level);

	TAILQ_INSERT_TAIL(&rq->level[level], t, rq_link);
	rq->ready[level / 64] |= 1ull << level % 64;
	t->rq_level = level;
	t->on_rq = true;
	WRITE_ONCE(rq->queued, rq->queued + 1);
}

void runqueue_remove(struct runqueue *rq, struct thread *t)
{
	struct run_list *list = &rq->level[t->rq_level];

	TAILQ_REMOVE(list, t, rq_link);
	if (TAILQ_EMPTY(list))
		rq->ready[t->rq_level / 64] &= ~(1ull << t->rq_level % 64);
	t->on_rq = false;
	WRITE_ONCE(rq->queued, rq->queued - 1);
}

struct thread *runqueue_take_for(struct runqueue *rq, unsigned cpu)
{
	struct thread *t;

	for (unsigned i = LEVELS; i-- > 0 && rq->queued;) {
		TAILQ_FOREACH (t, &rq->level[i], rq_link) {
			if (t == rq->current || !(t->affinity >> cpu & 1))
				continue;
			runqueue_remove(rq, t);
			return t;
		}
	}
	return NULL;
}

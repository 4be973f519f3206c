/* SPDX-License-Identifier: MIT */
/*
 * The run queue's lists: one for each level, and a bit map that says which are not empty.  Whatever the number of
 * threads, each operation takes the same time.
 */
#include "kernel/cpu/clock.h"
#include "kernel/cpu/x86.h"
#include "sched/runqueue.h"

struct runqueue runqueues[MAX_CPUS];

void runqueue_init(struct runqueue *rq, struct thread *idle)
{
	spin_init(&rq->lock, "runqueue", RANK_RUNQUEUE);
	for (unsigned i = 0; i < LEVELS; i++)
		TAILQ_INIT(&rq->level[i]);
	idle->run_start = rdtsc();
	rq->current = rq->idle = idle;
	rq->tick_at = FOREVER;
	rq->online = true;
}

static void note_added(struct runqueue *rq, struct thread *t)
{
	rq->ready[t->level / 64] |= 1ull << t->level % 64;
	t->on_rq = true;
	WRITE_ONCE(rq->queued, rq->queued + 1);
}

void runqueue_enqueue(struct runqueue *rq, struct thread *t)
{
	TAILQ_INSERT_TAIL(&rq->level[t->level], t, rq_link);
	note_added(rq, t);
}

void runqueue_enqueue_first(struct runqueue *rq, struct thread *t)
{
	TAILQ_INSERT_HEAD(&rq->level[t->level], t, rq_link);
	note_added(rq, t);
}

void runqueue_remove(struct runqueue *rq, struct thread *t)
{
	struct run_list *list = &rq->level[t->level];

	TAILQ_REMOVE(list, t, rq_link);
	if (TAILQ_EMPTY(list))
		rq->ready[t->level / 64] &= ~(1ull << t->level % 64);
	t->on_rq = false;
	WRITE_ONCE(rq->queued, rq->queued - 1);
}

static struct thread *first_of(struct runqueue *rq, unsigned word)
{
	return TAILQ_FIRST(&rq->level[word * 64 + 63 - __builtin_clzll(rq->ready[word])]);
}

struct thread *runqueue_take(struct runqueue *rq)
{
	struct thread *t;

	if (unlikely(rq->ready[1]))
		t = first_of(rq, 1);
	else if (rq->ready[0])
		t = first_of(rq, 0);
	else
		return NULL;
	runqueue_remove(rq, t);
	return t;
}

struct thread *runqueue_take_for(struct runqueue *rq, unsigned cpu)
{
	struct thread *t;

	for (unsigned i = LEVELS; i-- > 0 && rq->queued;) {
		TAILQ_FOREACH (t, &rq->level[i], rq_link) {
			if (!(t->affinity >> cpu & 1))
				continue;
			runqueue_remove(rq, t);
			return t;
		}
	}
	return NULL;
}

struct runqueue *runqueue_lock_of(struct thread *t, uint64_t *flags)
{
	for (;;) {
		unsigned cpu = READ_ONCE(t->cpu);
		struct runqueue *rq = &runqueues[cpu];

		*flags = spin_lock_irqsave(&rq->lock);
		if (t->cpu == cpu)
			return rq;
		spin_unlock_irqrestore(&rq->lock, *flags);
	}
}

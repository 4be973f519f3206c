/* SPDX-License-Identifier: MIT */
/*
 * Policies and nice values: what they mean for a thread's level and slice.
 *
 * A nice value scales the slice, from twice the usual one at -20 to a twentieth at 19: among
 * threads that always want to run, shares of the CPU are as their slices.
 */
#include "kernel/cpu/clock.h"
#include "kernel/cpu/x86.h"
#include "sched/runqueue.h"

/*
 * SCHED_FIFO has slices because at their end the CPU gives away who waits (sched/tick.c); where
 * there is no other CPU they need no end.
 */
uint64_t sched_slice(int policy, int nice)
{
	if (policy == SCHED_FIFO && cpu_count == 1)
		return FOREVER;
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return clock_ns_to_cycles(SLICE_NS);
	return clock_ns_to_cycles(SLICE_NS * (20 - nice) / 20);
}

void sched_inherit(struct thread *child, const struct thread *parent)
{
	bool reset = parent->reset_on_fork;
	uint64_t flags;
	struct runqueue *rq = runqueue_lock_of(parent, &flags);

	child->policy = reset ? SCHED_NORMAL : parent->policy;
	child->level = reset ? 0 : parent->level;
	child->nice = reset ? MAX(parent->nice, 0) : parent->nice;
	spin_unlock_irqrestore(&rq->lock, flags);
	child->slice = sched_slice(child->policy, child->nice);
}

/* The lock of t's queue is held.  Whoever runs there looks at the queue again. */
static void change(struct runqueue *rq, struct thread *t, int policy, unsigned level, int nice)
{
	bool queued = t->on_rq;

	if (queued)
		runqueue_remove(rq, t);	/* its level says from where */
	t->policy = policy;
	t->level = level;
	t->nice = nice;
	t->slice = sched_slice(policy, nice);
	if (rq->current == t)
		t->slice_end = rdtsc() + t->slice;
	if (queued)
		runqueue_enqueue(rq, t);
	__atomic_or_fetch(&rq->current->work, WORK_RESCHED, __ATOMIC_SEQ_CST);
}

static void unlock_and_tell(struct runqueue *rq, uint64_t flags)
{
	spin_unlock(&rq->lock);
	runqueue_tell(rq->idle->cpu);
	irq_restore(flags);
}

void sched_set_policy(struct thread *t, int policy, unsigned priority)
{
	uint64_t flags;
	struct runqueue *rq = runqueue_lock_of(t, &flags);

	change(rq, t, policy, priority, t->nice);
	unlock_and_tell(rq, flags);
}

void sched_set_nice(struct thread *t, int nice)
{
	uint64_t flags;
	struct runqueue *rq = runqueue_lock_of(t, &flags);

	change(rq, t, t->policy, t->level, nice);
	unlock_and_tell(rq, flags);
}

struct sched_stats sched_cpu_stats(unsigned cpu)
{
	struct runqueue *rq = &runqueues[cpu];
	const struct percpu *pc = &percpu_table[cpu];
	uint64_t flags = spin_lock_irqsave(&rq->lock);
	bool idle = rq->current == rq->idle;
	struct sched_stats s = { .switches = rq->switches, .migrations = rq->migrations,
				 .segment_loads = READ_ONCE(pc->segment_loads),
				 .ldt_loads = READ_ONCE(pc->ldt_loads),
				 .runnable = rq->queued };
	uint64_t cycles = rq->idle->cpu_time + (idle ? rdtsc() : 0);

	spin_unlock_irqrestore(&rq->lock, flags);
	s.idle_ns = clock_cycles_to_ns(cycles);
	return s;
}

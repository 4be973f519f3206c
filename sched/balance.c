/* SPDX-License-Identifier: MIT */
/*
 * Which CPU a thread runs on: waking it up, stealing it, and its affinity.
 *
 * A woken thread goes back to the CPU it last ran on, unless that one is busy and another is idle.  Run-queue locks are
 * never nested: a thread that changes queues is on none for a moment, RUNNABLE, and only the
 * CPU that moves it knows (SCHED-1).
 */
#include <asm/errno.h>
#include "kernel/cpu/apic.h"
#include "kernel/cpu/clock.h"
#include "kernel/cpu/idt.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "sched/runqueue.h"
#include "sched/timer.h"

static bool allowed(const struct thread *t, unsigned cpu)
{
	return runqueues[cpu].online && (t->affinity >> cpu & 1);
}

static bool is_idle(unsigned cpu)
{
	struct runqueue *rq = &runqueues[cpu];

	return READ_ONCE(rq->current) == rq->idle && !READ_ONCE(rq->queued);
}

/* Hints only: nothing breaks if a CPU's state changes after the look. */
static unsigned choose_cpu(struct thread *t)
{
	unsigned best = MAX_CPUS;

	if (allowed(t, t->cpu) && is_idle(t->cpu))
		return t->cpu;
	for_each_cpu (c) {
		if (!allowed(t, c))
			continue;
		if (is_idle(c))
			return c;
		if (best == MAX_CPUS || c == t->cpu)
			best = c;
	}
	ASSERT(best != MAX_CPUS, "SCHED-3");
	return best;
}

/* Queues t, which is RUNNABLE and on no queue, on cpu, and tells that CPU. */
static void place(struct thread *t, unsigned cpu)
{
	struct runqueue *rq = &runqueues[cpu];
	uint64_t flags;

	if (t->cpu != cpu)
		__atomic_add_fetch(&rq->stats.migrations, 1, __ATOMIC_RELAXED);
	flags = spin_lock_irqsave(&rq->lock);
	WRITE_ONCE(t->cpu, cpu);
	runqueue_enqueue(rq, t);
	spin_unlock_irqrestore(&rq->lock, flags);

	flags = irq_save();
	if (cpu != this_cpu(cpu))
		ipi_send(cpu, VECTOR_RESCHEDULE);
	else if (!timer_slice_armed() && rq->current != rq->idle)
		timer_set_slice(clock_monotonic_ns() + SLICE_NS);
	irq_restore(flags);
}

void thread_start(struct thread *t)
{
	t->state = THREAD_RUNNABLE;
	place(t, choose_cpu(t));
}

/*
 * Under the lock of the queue that t last ran on, t is either still rq->current (it has not reached schedule() yet, and
 * will find itself runnable there), or switched out for good.
 *
 * The state is read before t->cpu: a RUNNABLE thread may be on its way to another queue at any time, one that
 * sleeps not without this lock.  In the other order t could move, run and fall asleep there in between (SCHED-1).
 */
bool thread_wake(struct thread *t, enum thread_state only_if)
{
	enum thread_state state;
	struct runqueue *rq;
	uint64_t flags;
	bool off_cpu;

	for (;;) {
		unsigned cpu = READ_ONCE(t->cpu);

		rq = &runqueues[cpu];
		flags = spin_lock_irqsave(&rq->lock);
		state = __atomic_load_n(&t->state, __ATOMIC_ACQUIRE);
		if (READ_ONCE(t->cpu) == cpu)
			break;
		spin_unlock_irqrestore(&rq->lock, flags);
	}
	if (state == THREAD_RUNNABLE || state > only_if) {
		spin_unlock_irqrestore(&rq->lock, flags);
		return false;
	}
	t->state = THREAD_RUNNABLE;
	off_cpu = rq->current != t;
	spin_unlock_irqrestore(&rq->lock, flags);
	if (off_cpu)
		place(t, choose_cpu(t));
	return true;
}

void thread_kick(struct thread *t)
{
	unsigned cpu = READ_ONCE(t->cpu);

	if (READ_ONCE(runqueues[cpu].current) == t && cpu != this_cpu(cpu))
		ipi_send(cpu, VECTOR_RESCHEDULE);
}

/* The first thread of rq that may run on cpu, taken off; NULL: none. */
static struct thread *take_one(struct runqueue *rq, unsigned cpu)
{
	struct thread *t;

	TAILQ_FOREACH (t, &rq->queue, rq_link)
		if (t->affinity >> cpu & 1)
			break;
	if (!t)
		return NULL;
	TAILQ_REMOVE(&rq->queue, t, rq_link);
	t->on_rq = false;
	WRITE_ONCE(rq->queued, rq->queued - 1);
	return t;
}

bool runqueue_steal(struct runqueue *own)
{
	struct runqueue *longest = NULL;
	unsigned thief = own->idle->cpu;
	struct thread *t;

	for_each_cpu (c)
		if (c != thief && READ_ONCE(runqueues[c].queued) > (longest ? longest->queued : 0))
			longest = &runqueues[c];
	if (!longest)
		return false;
	spin_lock(&longest->lock);
	t = take_one(longest, thief);
	spin_unlock(&longest->lock);
	if (!t)
		return false;
	spin_lock(&own->lock);
	WRITE_ONCE(t->cpu, thief);
	own->stats.migrations++;
	runqueue_enqueue(own, t);
	spin_unlock(&own->lock);
	return true;
}

int sched_set_affinity(struct thread *t, uint64_t mask)
{
	uint64_t online = 0;

	for_each_cpu (c)
		online |= (uint64_t)runqueues[c].online << c;
	if (!(mask & online))
		return -EINVAL;
	WRITE_ONCE(t->affinity, mask & online);
	if (t == current_thread()) {
		while (!(t->affinity >> this_cpu(cpu) & 1))
			schedule();	/* runnable but not allowed here: it is placed anew */
	} else {
		__atomic_or_fetch(&t->work, WORK_RESCHED, __ATOMIC_SEQ_CST);
		thread_kick(t);
	}
	return 0;
}

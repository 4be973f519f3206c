/* SPDX-License-Identifier: MIT */
/*
 * Which CPU a thread runs on: waking it up, stealing it, and its affinity.
 *
 * A woken thread goes back to the CPU it last ran on, unless that one is busy and another is idle;
 * a real-time thread goes where what runs has the lowest level.  CPUs that become idle steal, and
 * at the end of a slice a CPU gives a thread to one that has at least two fewer.  Run-queue locks
 * are never nested: a thread that changes queues is on none for a moment, RUNNABLE, and only the
 * CPU that moves it knows (SCHED-1).
 */
#include <asm/errno.h>
#include "kernel/cpu/apic.h"
#include "kernel/cpu/idt.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "sched/runqueue.h"

static inline bool allowed(const struct thread *t, unsigned cpu)
{
	return runqueues[cpu].online && (t->affinity >> cpu & 1);
}

static bool is_idle(unsigned cpu)
{
	struct runqueue *rq = &runqueues[cpu];

	return READ_ONCE(rq->current) == rq->idle && !READ_ONCE(rq->queued);
}

static unsigned running_level(unsigned cpu)
{
	return READ_ONCE(READ_ONCE(runqueues[cpu].current)->level);
}

/* Hints only: nothing breaks if a CPU's state changes after the look.  O(CPUs). */
static __noinline unsigned choose_among_cpus(struct thread *t)
{
	unsigned best = MAX_CPUS;

	if (allowed(t, t->cpu) && (is_idle(t->cpu) || running_level(t->cpu) < t->level))
		return t->cpu;
	for_each_cpu (c) {
		if (!allowed(t, c))
			continue;
		if (is_idle(c))
			return c;
		if (best == MAX_CPUS || (c == t->cpu && running_level(best) >= t->level) ||
		    running_level(c) < MIN(t->level, running_level(best)))
			best = c;
	}
	ASSERT(best != MAX_CPUS, "SCHED-3");
	return best;
}

static inline unsigned choose_cpu(struct thread *t)
{
	return cpu_count == 1 ? 0 : choose_among_cpus(t);
}

/* Queues t, which is RUNNABLE and on no queue.  The queue's lock is held. */
static void add(struct runqueue *rq, struct thread *t)
{
	runqueue_enqueue(rq, t);
	if (unlikely(t->level > rq->current->level))
		__atomic_or_fetch(&rq->current->work, WORK_RESCHED, __ATOMIC_RELAXED);
}

/* Interrupts off, no lock held: somebody was added there. */
static void tell(unsigned cpu)
{
	if (cpu == this_cpu(cpu))
		sched_reschedule_interrupt();
	else
		ipi_send(cpu, VECTOR_RESCHEDULE);
}

static void place(struct thread *t, unsigned cpu)
{
	struct runqueue *rq = &runqueues[cpu];
	uint64_t flags = spin_lock_irqsave(&rq->lock);

	rq->migrations += t->cpu != cpu;
	WRITE_ONCE(t->cpu, cpu);
	add(rq, t);
	spin_unlock(&rq->lock);
	tell(cpu);
	irq_restore(flags);
}

void thread_start(struct thread *t)
{
	t->state = THREAD_RUNNABLE;
	place(t, choose_cpu(t));
}

/*
 * Under the lock of the queue that t last ran on, t is either still rq->current (it has not
 * reached schedule() yet, and will find itself runnable there), or switched out for good.
 */
bool thread_wake(struct thread *t, enum thread_state only_if)
{
	uint64_t flags;
	enum thread_state state;
	struct runqueue *rq = runqueue_lock_of(t, &flags, &state);
	bool sleeps = state != THREAD_RUNNABLE && state <= only_if;
	unsigned cpu;

	if (!sleeps || rq->current == t) {
		if (sleeps)
			t->state = THREAD_RUNNABLE;
		spin_unlock_irqrestore(&rq->lock, flags);
		return sleeps;
	}
	t->state = THREAD_RUNNABLE;
	cpu = choose_cpu(t);
	if (cpu == t->cpu) {
		add(rq, t);
		spin_unlock(&rq->lock);
		tell(cpu);
	} else {
		spin_unlock(&rq->lock);
		place(t, cpu);
	}
	irq_restore(flags);
	return true;
}

void thread_kick(struct thread *t)
{
	unsigned cpu = READ_ONCE(t->cpu);

	if (READ_ONCE(runqueues[cpu].current) == t && cpu != this_cpu(cpu))
		ipi_send(cpu, VECTOR_RESCHEDULE);
}

bool runqueue_steal(struct runqueue *own)
{
	struct runqueue *longest = NULL;	/* with more than the thread that it runs */
	unsigned thief = own->idle->cpu;
	struct thread *t;

	for_each_cpu (c)
		if (c != thief && READ_ONCE(runqueues[c].queued) > (longest ? longest->queued : 1))
			longest = &runqueues[c];
	if (!longest)
		return false;
	spin_lock(&longest->lock);
	t = runqueue_take_for(longest, thief);
	spin_unlock(&longest->lock);
	if (!t)
		return false;
	spin_lock(&own->lock);
	WRITE_ONCE(t->cpu, thief);
	own->migrations++;
	runqueue_enqueue(own, t);
	spin_unlock(&own->lock);
	return true;
}

/* SCHED-1: between the two locks t is on no queue, and RUNNABLE. */
void runqueue_push(struct runqueue *own)
{
	unsigned target = own->idle->cpu;
	struct thread *t;

	for_each_cpu (c)
		if (runqueues[c].online &&
		    READ_ONCE(runqueues[c].queued) < READ_ONCE(runqueues[target].queued))
			target = c;
	if (READ_ONCE(runqueues[target].queued) + 2 > own->queued)
		return;
	spin_lock(&own->lock);
	t = runqueue_take_for(own, target);
	spin_unlock(&own->lock);
	if (t)
		place(t, target);
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

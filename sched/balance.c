/* SPDX-License-Identifier: MIT */
/*
 * Which CPU a thread runs on: waking it up, stealing it, and its affinity.
 *
 * A woken thread goes where what runs has the lowest level: an idle CPU first, and its own if that
 * is as good as any.  CPUs that become idle steal, and at the end of a slice a CPU gives a thread
 * that waits to one where it is better off.
 *
 * Run-queue locks are never nested.  A thread that changes queues is in no list for a moment, and
 * belongs to the new queue already: whoever wants it takes that one's lock (SCHED-4).
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

/*
 * Its own CPU, unless what runs elsewhere has a lower level; an idle CPU is the lowest.  Hints
 * only: nothing breaks if a CPU's state changes after the look.  O(CPUs).
 */
static __noinline unsigned choose_among_cpus(const struct thread *t)
{
	unsigned best = MAX_CPUS;
	int lowest = LEVELS;

	if (allowed(t, t->cpu)) {
		best = t->cpu;
		lowest = runqueue_top(&runqueues[best]);
	}
	for (unsigned c = 0; c < cpu_count && lowest >= 0; c++) {
		int top = runqueue_top(&runqueues[c]);

		if (top >= lowest || !allowed(t, c))
			continue;
		best = c;
		lowest = top;
	}
	ASSERT(best != MAX_CPUS, "SCHED-3");
	return best;
}

static inline unsigned choose_cpu(const struct thread *t)
{
	return cpu_count == 1 ? 0 : choose_among_cpus(t);
}

void runqueue_tell(unsigned cpu)
{
	if (cpu == this_cpu(cpu))
		sched_reschedule_interrupt();
	else
		ipi_send(cpu, VECTOR_RESCHEDULE);
}

/*
 * Makes t belong to that CPU.  The lock of its old queue is held, then that of the new one, and
 * for a moment none: t is RUNNABLE and in no list, so nobody else moves it, but its policy and
 * affinity may change.
 */
static __noinline struct runqueue *change_queue(struct runqueue *old, struct thread *t,
						unsigned cpu)
{
	struct runqueue *rq = &runqueues[cpu];

	__atomic_store_n(&t->cpu, cpu, __ATOMIC_RELEASE);
	spin_unlock(&old->lock);
	spin_lock(&rq->lock);
	rq->migrations++;
	return rq;
}

/*
 * Queues t on that CPU; t is RUNNABLE and in no list.  Interrupts are off; the lock of its queue
 * is held, and dropped at the end.  Inline for the sake of thread_wake.
 */
static __always_inline void place(struct runqueue *rq, struct thread *t, unsigned cpu)
{
	while (cpu != t->cpu) {
		rq = change_queue(rq, t, cpu);
		if (unlikely(!allowed(t, cpu)))
			cpu = choose_cpu(t);
	}
	runqueue_enqueue(rq, t);
	if (unlikely(t->level > rq->current->level))
		__atomic_or_fetch(&rq->current->work, WORK_RESCHED, __ATOMIC_RELAXED);
	spin_unlock(&rq->lock);
	runqueue_tell(cpu);
}

void thread_start(struct thread *t)
{
	uint64_t flags;
	struct runqueue *rq = runqueue_lock_of(t, &flags);

	t->state = THREAD_RUNNABLE;
	place(rq, t, choose_cpu(t));
	irq_restore(flags);
}

/*
 * Under its queue's lock, t is either still rq->current (it has not reached schedule() yet, and
 * will find itself runnable there), or switched out for good, or on its way and RUNNABLE.
 */
bool thread_wake(struct thread *t, enum thread_state only_if)
{
	uint64_t flags;
	struct runqueue *rq = runqueue_lock_of(t, &flags);
	enum thread_state state = __atomic_load_n(&t->state, __ATOMIC_ACQUIRE);
	bool sleeps = state != THREAD_RUNNABLE && state <= only_if;

	if (sleeps)
		t->state = THREAD_RUNNABLE;
	if (sleeps && rq->current != t)
		place(rq, t, choose_cpu(t));
	else
		spin_unlock(&rq->lock);
	irq_restore(flags);
	return sleeps;
}

void thread_kick(struct thread *t)
{
	unsigned cpu = READ_ONCE(t->cpu);

	if (READ_ONCE(runqueues[cpu].current) == t && cpu != this_cpu(cpu))
		ipi_send(cpu, VECTOR_RESCHEDULE);
}

/*
 * The CPUs where a thread of that level that waits in own is better off.  Behind a real-time
 * thread it stands still, so any other CPU will do, else one that has at least two threads fewer;
 * but one where it runs at once, or takes turns with what runs.
 */
static uint64_t better_cpus(const struct runqueue *own, int level)
{
	bool stands = runqueue_top(own) > 0;
	uint64_t mask = 0;

	for_each_cpu (c) {
		const struct runqueue *rq = &runqueues[c];

		if (rq->online && runqueue_top(rq) < MAX(level, 1) &&
		    (stands || READ_ONCE(rq->queued) + 2 <= READ_ONCE(own->queued)))
			mask |= 1ull << c;
	}
	return mask;
}

static unsigned emptiest(uint64_t cpus)
{
	unsigned best = (unsigned)__builtin_ctzll(cpus);

	for_each_cpu (c)
		if ((cpus >> c & 1) &&
		    READ_ONCE(runqueues[c].queued) < READ_ONCE(runqueues[best].queued))
			best = c;
	return best;
}

/*
 * The first thread that waits there and is better off on one of those CPUs goes to it; the highest
 * level comes first.  Interrupts off.
 */
static bool give_away(struct runqueue *rq, uint64_t cpus)
{
	struct thread *t;

	spin_lock(&rq->lock);
	for (int level = runqueue_top(rq); level >= 0; level--) {
		if (TAILQ_EMPTY(&rq->level[level]))
			continue;
		uint64_t better = better_cpus(rq, level) & cpus;

		TAILQ_FOREACH (t, &rq->level[level], rq_link) {
			if (t == rq->current || !(t->affinity & better))
				continue;
			runqueue_remove(rq, t);
			place(rq, t, emptiest(t->affinity & better));
			return true;
		}
	}
	spin_unlock(&rq->lock);
	return false;
}

bool runqueue_steal(struct runqueue *own)
{
	for_each_cpu (c)
		if (READ_ONCE(runqueues[c].queued) > 1 &&
		    give_away(&runqueues[c], 1ull << own->idle->cpu))
			return true;
	return false;
}

void runqueue_push(struct runqueue *own)
{
	give_away(own, ~0ull);
}

/* One that waits where it may not run any more waits elsewhere. */
static void set_mask(struct thread *t, uint64_t mask)
{
	uint64_t flags;
	struct runqueue *rq = runqueue_lock_of(t, &flags);

	WRITE_ONCE(t->affinity, mask);
	if (t->on_rq && t != rq->current && !allowed(t, t->cpu)) {
		runqueue_remove(rq, t);
		place(rq, t, choose_cpu(t));
	} else {
		spin_unlock(&rq->lock);
	}
	irq_restore(flags);
}

int sched_set_affinity(struct thread *t, uint64_t mask)
{
	uint64_t online = 0;

	for_each_cpu (c)
		online |= (uint64_t)runqueues[c].online << c;
	if (!(mask & online))
		return -EINVAL;
	set_mask(t, mask & online);
	if (t == current_thread()) {
		while (!(t->affinity >> this_cpu(cpu) & 1))
			schedule();	/* runnable but not allowed here: it is placed anew */
	} else {
		__atomic_or_fetch(&t->work, WORK_RESCHED, __ATOMIC_SEQ_CST);
		thread_kick(t);
	}
	return 0;
}

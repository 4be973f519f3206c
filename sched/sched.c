/* SPDX-License-Identifier: MIT */
/*
 * The scheduler proper: who runs next on this CPU.
 *
 * A CPU takes the first thread of the highest level that has one.  Level 0 is SCHED_OTHER, round
 * robin in slices; levels 1 to 99 are the real-time priorities, SCHED_FIFO without and SCHED_RR
 * with slices.  The thread that it leaves goes to the end of its level if it gave way to its
 * equals (yield, end of slice), else it stays first.  An idle CPU with an empty queue tries to
 * steal (sched/balance.c) and then halts.
 */
#include "kernel/cpu/cpu_area.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/entry_trace.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "sched/runqueue.h"
#include "sched/user_state.h"

/* The code that runs on this CPU becomes its idle thread. */
static void become_idle(void *stack)
{
	static struct thread idle_threads[MAX_CPUS];
	struct percpu *pc = this_percpu();
	struct thread *idle = &idle_threads[pc->cpu];

	idle->stack = stack;
	idle->cpu = pc->cpu;
	idle->affinity = 1ull << pc->cpu;
	strlcpy(idle->comm, "idle", sizeof(idle->comm));
	pc->current = idle;
	pc->rq = &runqueues[pc->cpu];
	user_state_init_cpu();
	runqueue_init(pc->rq, idle);
	trace_start(idle);
}

void sched_init(void)
{
	become_idle(this_cpu(boot_stack));
}

void sched_start_ap(void)
{
	become_idle(this_cpu(boot_stack));
	__atomic_store_n(&this_percpu()->online, true, __ATOMIC_SEQ_CST);
	irq_enable();
	sched_idle();
}

/*
 * STI; HLT closes the gap between the last look at the queue and the halt: a reschedule
 * interrupt in between ends the HLT at once.
 */
void sched_idle(void)
{
	struct runqueue *rq = this_cpu(rq);

	for (;;) {
		irq_disable();
		bool work = READ_ONCE(rq->queued) || runqueue_steal(rq);

		if (!work) {
			irq_enable_and_halt();
			continue;
		}
		irq_enable();
		schedule();
	}
}

/* prev leaves the queue if it cannot go on here; what is then the best one runs. */
static __always_inline struct thread *pick_next(struct runqueue *rq, struct thread *prev)
{
	if (likely(prev->on_rq)) {
		if (prev->state != THREAD_RUNNABLE || !(prev->affinity >> rq->idle->cpu & 1))
			runqueue_remove(rq, prev);
		else if (prev->to_tail)
			runqueue_rotate(rq, prev);
	}
	prev->to_tail = false;
	return runqueue_first(rq);
}

/*
 * The slice timer is left alone where it comes early enough: it then looks at who runs
 * (sched/tick.c).
 */
static __always_inline void account(struct runqueue *rq, struct thread *prev, struct thread *next)
{
	uint64_t now = rdtsc();

	prev->cpu_time += now;
	next->cpu_time -= now;
	next->slice_end = now + next->slice;
	rq->switches++;
	if (rq->queued > 1 && next->slice_end < rq->tick_at)
		sched_arm_tick(rq, next->slice_end);
}

/*
 * User state and address space change hands here.  A kernel thread has neither: the user registers
 * stay where they are until the next user thread loads its own.  Interrupts are off (MM-3, SEG-1).
 */
static __always_inline void switch_context(struct thread *prev, struct thread *next)
{
	struct percpu *pc = this_percpu();

	if (prev->xstate)
		user_state_save(prev);
	if (prev->mm != next->mm)
		mm_switch(prev->mm, next->mm);
	if (next->xstate)
		user_state_load(next);
	pc->current = next;
	trace_switch(prev, next);
	pc->kernel_stack = (uintptr_t)next->stack + KERNEL_STACK_SIZE;
	pc->tss->rsp0 = pc->kernel_stack;
}

/* Interrupts are off, the lock is held: prev is off its CPU, and not in the queue. */
static __noinline void finish_leaver(struct runqueue *rq, struct thread *prev)
{
	bool dead = prev->state == THREAD_DEAD;
	bool homeless = prev->state == THREAD_RUNNABLE && prev != rq->idle;

	spin_unlock(&rq->lock);
	irq_enable();
	if (dead)
		thread_free(prev);
	if (homeless)
		thread_start(prev);	/* its affinity excludes this CPU */
}

/*
 * In the new thread: ends the switch that prev began.  The lock is dropped here, and from then on
 * prev may run elsewhere (SCHED-1): what is to become of it is read before.
 */
static __always_inline void finish_switch(struct thread *prev)
{
	struct runqueue *rq = this_cpu(rq);

	if (unlikely(!prev->on_rq)) {
		finish_leaver(rq, prev);
		return;
	}
	spin_unlock(&rq->lock);
	irq_enable();
}

void sched_first_run(struct thread *prev)
{
	finish_switch(prev);
}

/* Thread context, interrupts on, no spinlock held. */
void schedule(void)
{
	struct runqueue *rq;
	struct thread *prev, *next;

	might_sleep();
	irq_disable();
	rq = this_cpu(rq);
	spin_lock(&rq->lock);
	prev = rq->current;
	if (READ_ONCE(prev->work) & WORK_RESCHED)
		__atomic_and_fetch(&prev->work, ~WORK_RESCHED, __ATOMIC_RELAXED);
	next = pick_next(rq, prev);
	if (next == prev) {
		spin_unlock(&rq->lock);
		irq_enable();
		return;
	}
	/*
	 * A full barrier: thread_kick stores to next->work and then looks here, next looks at work
	 * on its way out.  Without, both could miss the other's store, and no IPI would be sent.
	 */
	__atomic_store_n(&rq->current, next, __ATOMIC_SEQ_CST);
	account(rq, prev, next);
	switch_context(prev, next);
	prev = switch_to(prev, next);
	finish_switch(prev);
}

void thread_exit_now(void)
{
	struct thread *t = current_thread();

	ASSERT(t->mm == NULL, "SCHED-2");	/* its address space is not loaded any more */
	WRITE_ONCE(t->state, THREAD_DEAD);
	schedule();
	panic("SCHED-2 violated: dead thread %d runs", t->tid);
}

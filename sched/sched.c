/* SPDX-License-Identifier: MIT */
/*
 * The scheduler proper: who runs next on this CPU.
 *
 * Round robin.  A CPU takes the head of its queue; the thread that it leaves goes to the tail, if it can still run. A
 * slice timer runs only while somebody waits in the queue.  An idle CPU with an empty queue tries
 * to steal (sched/balance.c) and then halts.
 */
#include "kernel/cpu/apic.h"
#include "kernel/cpu/clock.h"
#include "kernel/cpu/cpu_area.h"
#include "kernel/cpu/idt.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "sched/runqueue.h"
#include "sched/timer.h"

struct runqueue runqueues[MAX_CPUS];

static void runqueue_init(struct runqueue *rq, struct thread *idle)
{
	spin_init(&rq->lock, "runqueue", RANK_RUNQUEUE);
	TAILQ_INIT(&rq->queue);
	rq->current = rq->idle = idle;
	rq->idle_since = clock_monotonic_ns();
	rq->online = true;
}

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

void runqueue_enqueue(struct runqueue *rq, struct thread *t)
{
	TAILQ_INSERT_TAIL(&rq->queue, t, rq_link);
	t->on_rq = true;
	WRITE_ONCE(rq->queued, rq->queued + 1);
}

static bool thread_allowed(const struct thread *t, unsigned cpu)
{
	return t->affinity >> cpu & 1;
}

static struct thread *pick_next(struct runqueue *rq, struct thread *prev)
{
	struct thread *next;

	if (prev != rq->idle && prev->state == THREAD_RUNNABLE && thread_allowed(prev, prev->cpu))
		runqueue_enqueue(rq, prev);
	next = TAILQ_FIRST(&rq->queue);
	if (!next)
		return rq->idle;
	TAILQ_REMOVE(&rq->queue, next, rq_link);
	next->on_rq = false;
	WRITE_ONCE(rq->queued, rq->queued - 1);
	return next;
}

static void account(struct runqueue *rq, struct thread *prev, struct thread *next)
{
	uint64_t now = clock_monotonic_ns();

	prev->runtime_ns += now - prev->run_start;
	next->run_start = now;
	if (prev == rq->idle)
		rq->stats.idle_ns += now - rq->idle_since;
	if (next == rq->idle)
		rq->idle_since = now;
	rq->stats.switches++;
	if (rq->queued && !timer_slice_armed())
		timer_set_slice(now + SLICE_NS);
}

/*
 * User state and address space change hands here.  A kernel thread has neither: the user registers stay
 * where they are until the next user thread loads its own.
 */
static void switch_context(struct thread *prev, struct thread *next)
{
	struct percpu *pc = this_percpu();

	if (prev->xstate && prev->state != THREAD_DEAD)
		user_state_save(prev);
	if (prev->mm != next->mm)
		mm_switch(prev->mm, next->mm);
	if (next->xstate)
		user_state_load(next);
	pc->current = next;
	pc->kernel_stack = (uintptr_t)next->stack + KERNEL_STACK_SIZE;
	pc->tss->rsp0 = pc->kernel_stack;
}

/*
 * In the new thread: ends the switch that prev began.  Interrupts are off; the lock is dropped here, and from
 * then on prev may run elsewhere: what is to become of it is read before.
 */
static void finish_switch(struct thread *prev)
{
	struct runqueue *rq = this_cpu(rq);
	bool dead = prev->state == THREAD_DEAD;
	bool homeless = prev != rq->idle && prev->state == THREAD_RUNNABLE && !prev->on_rq;

	spin_unlock(&rq->lock);
	irq_enable();
	if (dead)
		thread_free(prev);
	if (homeless)
		thread_start(prev);	/* its affinity excludes this CPU */
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
	__atomic_and_fetch(&prev->work, ~WORK_RESCHED, __ATOMIC_RELAXED);
	next = pick_next(rq, prev);
	if (next == prev) {
		spin_unlock(&rq->lock);
		irq_enable();
		return;
	}
	/*
	 * A full barrier: thread_kick stores to next->work and then looks here, next looks at work on its way
	 * out.  Without, both could miss the other's store, and no IPI would be sent.
	 */
	__atomic_store_n(&rq->current, next, __ATOMIC_SEQ_CST);
	account(rq, prev, next);
	switch_context(prev, next);
	prev = switch_to(prev, next);
	finish_switch(prev);
}

void sched_yield_now(void)
{
	schedule();
}

void thread_exit_now(void)
{
	struct thread *t = current_thread();

	ASSERT(t->mm == NULL, "SCHED-2");	/* its address space is not loaded any more */
	WRITE_ONCE(t->state, THREAD_DEAD);
	schedule();
	panic("SCHED-2 violated: dead thread %d runs", t->tid);
}

/* Timer interrupt, from sched/timer.c, when the slice has ended. */
void sched_tick(void)
{
	struct runqueue *rq = this_cpu(rq);

	if (!READ_ONCE(rq->queued)) {
		timer_set_slice(TIMEOUT_NEVER);
		return;
	}
	timer_set_slice(clock_monotonic_ns() + SLICE_NS);
	__atomic_or_fetch(&rq->current->work, WORK_RESCHED, __ATOMIC_RELAXED);
}

/* Another CPU queued something here: make sure that it gets its turn. */
void sched_reschedule_interrupt(void)
{
	if (READ_ONCE(this_cpu(rq)->queued) && !timer_slice_armed())
		timer_set_slice(clock_monotonic_ns() + SLICE_NS);
}

struct sched_stats sched_cpu_stats(unsigned cpu)
{
	struct runqueue *rq = &runqueues[cpu];
	uint64_t flags = spin_lock_irqsave(&rq->lock);
	struct sched_stats s = rq->stats;

	s.runnable = rq->queued + (rq->current != rq->idle);
	if (rq->current == rq->idle)
		s.idle_ns += clock_monotonic_ns() - rq->idle_since;
	spin_unlock_irqrestore(&rq->lock, flags);
	return s;
}

/* SPDX-License-Identifier: MIT */
/*
 * Kernel tests of SCHED-4: whoever holds the lock of the queue that a thread belongs to has the
 * thread to itself.  CPU 0 holds a lock and changes a thread while CPU 1 wants to do something
 * with it.  If CPU 1 comes late, a test has seen nothing and passes.
 */
#include "kernel/cpu/clock.h"
#include "kernel/debug/ktest.h"
#include "sched/runqueue.h"

#define LEAST_NS 10000000ull	/* so long CPU 1 has for something that it should not do */

static struct {
	struct thread *subject;
	void (*act)(struct thread *subject);
	enum { STARTED, READY, GO, DONE } step;	/* of CPU 1; atomic */
	bool release;				/* atomic: the subject may end */
	bool ended;				/* atomic */
	uint64_t ran_on;			/* the subject's: mask of CPUs */
} trial;

static struct thread child;

static bool step_is(unsigned step)
{
	return __atomic_load_n(&trial.step, __ATOMIC_SEQ_CST) == step;
}

static void set_step(unsigned step)
{
	__atomic_store_n(&trial.step, step, __ATOMIC_SEQ_CST);
}

static void actor(void *unused)
{
	(void)unused;
	set_step(READY);
	while (!step_is(GO))
		cpu_relax();
	trial.act(trial.subject);
	set_step(DONE);
	thread_exit_now();
}

static void subject(void *unused)
{
	(void)unused;
	while (!__atomic_load_n(&trial.release, __ATOMIC_SEQ_CST)) {
		trial.ran_on |= 1ull << this_cpu(cpu);
		sched_yield_now();
	}
	__atomic_store_n(&trial.ended, true, __ATOMIC_SEQ_CST);
	thread_exit_now();
}

/* On CPU 0: a thread that belongs to it and has not been started, and the actor on CPU 1. */
static bool prepare(uint64_t affinity, void (*act)(struct thread *))
{
	struct thread *t;

	sched_set_affinity(current_thread(), 1);
	trial.subject = kthread_create("ktest subject", subject, NULL);
	t = trial.subject ? kthread_create("ktest actor", actor, NULL) : NULL;
	if (!t)
		return false;
	trial.subject->affinity = affinity;
	trial.act = act;
	trial.release = trial.ended = false;
	trial.ran_on = 0;
	set_step(STARTED);
	t->affinity = 2;
	thread_start(t);
	while (!step_is(READY))
		sched_yield_now();
	return true;
}

static void let_act(void)
{
	uint64_t end = clock_monotonic_ns() + LEAST_NS;

	set_step(GO);
	while (clock_monotonic_ns() < end && !step_is(DONE))
		cpu_relax();
}

static void wait_done(void)
{
	while (!step_is(DONE))
		sched_yield_now();
}

/* The CPUs where the subject ran. */
static uint64_t end_subject(void)
{
	while (!__atomic_load_n(&trial.ran_on, __ATOMIC_SEQ_CST))
		sched_yield_now();
	__atomic_store_n(&trial.release, true, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&trial.ended, __ATOMIC_SEQ_CST))
		sched_yield_now();
	sched_set_affinity(current_thread(), ~0ull);
	return trial.ran_on;
}

static bool two_cpus(void)
{
	return cpu_count > 1 && runqueues[1].online;
}

KTEST(no_move_without_the_queues_lock)
{
	struct runqueue *rq;
	uint64_t flags;
	bool moved;

	if (!two_cpus() || !prepare(2, thread_start))
		KTEST_SKIP(two_cpus() ? "out of memory" : "one CPU only");
	rq = runqueue_lock_of(trial.subject, &flags);
	let_act();
	moved = trial.subject->on_rq || trial.subject->cpu != 0;
	spin_unlock_irqrestore(&rq->lock, flags);
	wait_done();
	KTEST_EQ(moved, false);
	KTEST_EQ(end_subject(), 2);
}

/* On its way to CPU 1, which it may not go to any more. */
KTEST(affinity_changes_on_the_way)
{
	uint64_t flags;

	if (!two_cpus() || !prepare(2, thread_start))
		KTEST_SKIP(two_cpus() ? "out of memory" : "one CPU only");
	flags = spin_lock_irqsave(&runqueues[1].lock);
	let_act();
	trial.subject->affinity = 1;
	spin_unlock_irqrestore(&runqueues[1].lock, flags);
	wait_done();
	KTEST_EQ(end_subject(), 1);
}

static void renice(struct thread *t)
{
	sched_set_nice(t, 5);
}

static void inherit(struct thread *t)
{
	sched_inherit(&child, t);
}

/* The subject becomes SCHED_FIFO 50 in two steps; nobody may act between them. */
static void promote_in_steps(void)
{
	uint64_t flags;
	struct runqueue *rq = runqueue_lock_of(trial.subject, &flags);

	trial.subject->policy = SCHED_FIFO;
	let_act();
	trial.subject->level = 50;
	spin_unlock_irqrestore(&rq->lock, flags);
	wait_done();
}

KTEST(nice_keeps_the_policy)
{
	if (!two_cpus() || !prepare(1, renice))
		KTEST_SKIP(two_cpus() ? "out of memory" : "one CPU only");
	promote_in_steps();
	KTEST_EQ(trial.subject->policy, SCHED_FIFO);
	KTEST_EQ(trial.subject->level, 50);
	KTEST_EQ(trial.subject->nice, 5);
	sched_set_policy(trial.subject, SCHED_NORMAL, 0);
	thread_start(trial.subject);
	end_subject();
}

KTEST(inherits_one_policy)
{
	if (!two_cpus() || !prepare(1, inherit))
		KTEST_SKIP(two_cpus() ? "out of memory" : "one CPU only");
	promote_in_steps();
	KTEST_EQ(child.policy, SCHED_FIFO);
	KTEST_EQ(child.level, 50);
	sched_set_policy(trial.subject, SCHED_NORMAL, 0);
	thread_start(trial.subject);
	end_subject();
}

/* It waits behind us, and the kernel is not preemptible: nothing but the call can move it. */
KTEST(affinity_moves_who_waits)
{
	uint64_t flags;
	unsigned before, after;

	if (!two_cpus() || !prepare(1, renice))
		KTEST_SKIP(two_cpus() ? "out of memory" : "one CPU only");
	let_act();
	wait_done();
	flags = irq_save();
	thread_start(trial.subject);
	before = READ_ONCE(trial.subject->cpu);
	sched_set_affinity(trial.subject, 2);
	after = READ_ONCE(trial.subject->cpu);
	irq_restore(flags);
	KTEST_EQ(before, 0);
	KTEST_EQ(after, 1);
	KTEST_EQ(end_subject(), 2);
}

/* And has time to halt: its next interrupt may be far away. */
static void wait_until_cpu1_idles(void)
{
	uint64_t end;

	while (runqueue_top(&runqueues[1]) >= 0)
		cpu_relax();
	end = clock_monotonic_ns() + LEAST_NS;
	while (clock_monotonic_ns() < end)
		cpu_relax();
}

/* Though it could run at once where it belongs, before us. */
KTEST(woken_goes_to_an_idle_cpu)
{
	uint64_t flags;
	unsigned cpu;

	if (!two_cpus() || !prepare(3, renice))
		KTEST_SKIP(two_cpus() ? "out of memory" : "one CPU only");
	let_act();
	wait_done();
	sched_set_policy(trial.subject, SCHED_FIFO, 50);
	wait_until_cpu1_idles();
	flags = irq_save();
	thread_start(trial.subject);
	cpu = READ_ONCE(trial.subject->cpu);
	irq_restore(flags);
	sched_set_policy(trial.subject, SCHED_NORMAL, 0);
	end_subject();
	KTEST_EQ(cpu, 1);
}

/* It waits behind us, SCHED_FIFO, and may go elsewhere. */
KTEST(fifo_gives_away_who_waits)
{
	uint64_t end = clock_monotonic_ns() + 1000 * LEAST_NS;
	unsigned cpu;

	if (!two_cpus() || !prepare(1, renice))
		KTEST_SKIP(two_cpus() ? "out of memory" : "one CPU only");
	let_act();
	wait_done();
	wait_until_cpu1_idles();
	sched_set_policy(current_thread(), SCHED_FIFO, 50);
	thread_start(trial.subject);
	sched_set_affinity(trial.subject, 3);
	while (READ_ONCE(trial.subject->cpu) == 0 && clock_monotonic_ns() < end)
		cpu_relax();
	cpu = READ_ONCE(trial.subject->cpu);
	sched_set_policy(current_thread(), SCHED_NORMAL, 0);
	end_subject();
	KTEST_EQ(cpu, 1);
}

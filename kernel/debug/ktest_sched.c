/* SPDX-License-Identifier: MIT */
/* Kernel tests of the scheduler: sleeping, waking, timers, kernel threads on every CPU. */
#include "kernel/cpu/clock.h"
#include "kernel/cpu/features.h"
#include "kernel/debug/ktest.h"
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "sched/mutex.h"
#include "sched/sched.h"
#include "sched/timer.h"
#include "sched/user_state.h"

KTEST(sleep_is_not_too_short)
{
	struct waitq wq = WAITQ(wq);
	struct waiter w = { 0 };
	uint64_t start = clock_monotonic_ns(), end = start + 2000000;

	while (clock_monotonic_ns() < end) {
		wait_prepare(&wq, &w, THREAD_SLEEPING_HARD);
		schedule_until(end);
	}
	wait_finish(&wq, &w);
	KTEST_EQ(clock_monotonic_ns() >= end, true);
	KTEST_EQ(waitq_empty(&wq), true);
}

#define WORKERS 32
#define ROUNDS  200

static struct waitq done = WAITQ(done);
static struct mutex counter_lock = MUTEX(counter_lock, "ktest counter", RANK_TREE);
static unsigned counter, finished;

static void worker(void *unused)
{
	(void)unused;
	for (unsigned i = 0; i < ROUNDS; i++) {
		mutex_lock(&counter_lock);
		counter++;
		mutex_unlock(&counter_lock);
		schedule();
	}
	__atomic_add_fetch(&finished, 1, __ATOMIC_SEQ_CST);
	wake_up_all(&done);
	thread_exit_now();
}

/* More threads than CPUs, one mutex: no increment is lost and nobody sleeps for ever. */
KTEST(mutex_excludes)
{
	counter = finished = 0;
	for (unsigned i = 0; i < WORKERS; i++) {
		struct thread *t = kthread_create("ktest", worker, NULL);

		if (!t)
			KTEST_SKIP("out of memory");
		thread_start(t);
	}
	wait_event_hard(&done, __atomic_load_n(&finished, __ATOMIC_SEQ_CST) == WORKERS);
	KTEST_EQ(counter, WORKERS * ROUNDS);
}

static unsigned ran_on;

static void report_cpu(void *unused)
{
	(void)unused;
	__atomic_store_n(&ran_on, this_cpu(cpu) + 1, __ATOMIC_SEQ_CST);
	wake_up_all(&done);
	thread_exit_now();
}

KTEST(affinity_is_obeyed)
{
	for_each_cpu (c) {
		struct thread *t;

		if (!percpu_table[c].online)
			continue;
		t = kthread_create("ktest", report_cpu, NULL);
		if (!t)
			KTEST_SKIP("out of memory");
		ran_on = 0;
		t->affinity = 1ull << c;
		thread_start(t);
		wait_event_hard(&done, __atomic_load_n(&ran_on, __ATOMIC_SEQ_CST));
		KTEST_EQ(ran_on - 1, c);
	}
}

/* Nothing of what the heap had there before is left, beyond the XSAVE header either. */
KTEST(xstate_reset_clears_all)
{
	uint8_t *x = xstate_alloc();
	unsigned left = 0;

	if (!x)
		KTEST_SKIP("out of memory");
	memset(x, 0xaa, cpu_info.xsave_size);
	xstate_reset(x);
	for (unsigned i = 0; i < cpu_info.xsave_size; i++)
		left += x[i] == 0xaa;
	xstate_free(x);
	KTEST_EQ(left, 0);
}

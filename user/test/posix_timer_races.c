/* SPDX-License-Identifier: MIT */
/*
 * Timers with periods of a nanosecond that are set, looked at and deleted while they fire, by
 * threads on all CPUs; their signals are taken meanwhile.  In the end none is left, and processes
 * end with timers running.
 *
 * The signals are blocked and fetched: a handler of such a timer would never let the program go on.
 */
#include "user/lib/handler.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"
#include "user/test/posix_timers.h"

#define THREADS 4
#define ROUNDS  150

#define BLOCKED (SIGNAL_BIT(SIGUSR1) | SIGNAL_BIT(SIGRTMIN + 2))

static volatile int signals, failures;

static void ignore(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info, (void)uc;
}

static void must(long ret)
{
	if (is_error(ret))
		failures++;
}

static void races(void *number)
{
	int notify = (long)number & 1 ? SIGEV_SIGNAL | SIGEV_THREAD_ID : SIGEV_SIGNAL;
	const uint64_t blocked = BLOCKED;
	const struct __kernel_old_timespec none = { 0, 0 }, long_time = { 20, 0 };
	struct setting left;

	for (unsigned i = 0; i < ROUNDS; i++) {
		int id = create(CLOCK_MONOTONIC, notify, i & 1 ? SIGUSR1 : SIGRTMIN + 2, 0);

		must(id);
		must(set(id, 0, 1, 1, NULL));
		if (SYS(rt_sigtimedwait, &blocked, NULL, i % 10 ? &none : &long_time,
			sizeof(blocked)) > 0)
			__atomic_fetch_add(&signals, 1, __ATOMIC_RELAXED);
		must(SYS_NR(NR_GETTIME, id, &left));
		must(set(id, 0, 1000 * (i % 7), 100, NULL));
		if (i % 3 == 0)
			SYS(sched_yield);
		must(SYS(timer_delete, id));
	}
}

static int ends_with_timers(void *unused)
{
	struct interval { long interval_sec, interval_usec, sec, usec; } fast = { 0, 1, 0, 1 };

	(void)unused;
	for (unsigned i = 0; i < 20; i++)
		set(create(i % 4 ? CLOCK_REALTIME : CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL,
			   SIGUSR1, 0),
		    0, 1, 1, NULL);
	handle(SIGVTALRM, ignore, 0);
	handle(SIGPROF, ignore, 0);
	SYS(setitimer, ITIMER_VIRTUAL, &fast, NULL);
	SYS(setitimer, ITIMER_PROF, &fast, NULL);
	return 3;
}

static void all_at_once(void)
{
	struct thread t[THREADS];

	for (long i = 0; i < THREADS; i++)
		if (!expect_ok("clone", thread_start(&t[i], races, (void *)i)))
			return;
	for (unsigned i = 0; i < THREADS; i++)
		thread_join(&t[i]);
	note("%d signals", signals);
	expect_true("each wait had one", signals >= THREADS * ROUNDS / 10);
	expect_eq("calls that failed", failures, 0);
	expect_error("none is left", SYS(timer_delete, 0), EINVAL);
}

static void end_of_process(void)
{
	for (unsigned i = 0; i < 10; i++)
		expect_status("child", child_run(ends_with_timers, NULL), EXITED(3));
}

static const struct test_case cases[] = {
	{ "all at once", all_at_once },
	{ "end of a process", end_of_process },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	signal_mask(SIG_BLOCK, BLOCKED, NULL);
	return RUN_CASES(cases);
}

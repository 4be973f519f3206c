/* SPDX-License-Identifier: MIT */
/*
 * futex wait and wake: values that differ, time limits, bad addresses, how many are woken, words
 * shared between processes, and a mutex under contention (futex(2)).
 */
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define WAITERS 10

static struct thread threads[WAITERS];
static int word;
static volatile int awake;

static long wait_for(int *at, int value, long ms)
{
	struct __kernel_old_timespec t = { ms / 1000, ms % 1000 * 1000000 };

	return SYS(futex, at, FUTEX_WAIT, value, &t);
}

static void errors(void)
{
	struct __kernel_old_timespec bad_time = { 0, 1000000000 };
	int dummy[2] = { 0, 0 };

	word = 5;
	expect_error("another value", futex_wait(&word, 4), EAGAIN);
	expect_error("time is up", wait_for(&word, 5, 20), ETIMEDOUT);
	expect_error("no time at all", wait_for(&word, 5, 0), ETIMEDOUT);
	expect_error("nanoseconds out of range", SYS(futex, &word, FUTEX_WAIT, 5, &bad_time),
		     EINVAL);
	expect_error("time limit at a bad address", SYS(futex, &word, FUTEX_WAIT, 5, 16), EFAULT);
	expect_error("word at an unmapped address", futex_wait((int *)4096, 0), EFAULT);
	expect_error("wake a shared one there", SYS(futex, 4096, FUTEX_WAKE, 1), EFAULT);
	expect_eq("wake a private one there", SYS(futex, 4096, FUTEX_WAKE_PRIVATE, 1), 0);
	expect_error("word in the kernel half", futex_wait((int *)-4096l, 0), EFAULT);
	expect_error("word not aligned", futex_wait((int *)((char *)dummy + 1), 0), EINVAL);
	expect_error("wake not aligned", futex_wake((int *)((char *)dummy + 1), 1), EINVAL);
	expect_eq("wake with nobody waiting", futex_wake(&word, 1), 0);
	expect_error("no such operation", SYS(futex, &word, 77, 0, NULL), ENOSYS);
}

static void waits(void *unused)
{
	(void)unused;
	while (word == 0)
		futex_wait(&word, 0);
	__atomic_add_fetch(&awake, 1, __ATOMIC_SEQ_CST);
}

/* Wakes until n were woken: a thread may not have got to its futex_wait yet. */
static int wake_exactly(int n)
{
	int woken = 0;

	for (unsigned i = 0; i < 6000 && woken < n; i++) {
		woken += (int)futex_wake(&word, n - woken);
		if (woken < n)
			sleep_ms(5);
	}
	return woken;
}

static void how_many(void)
{
	word = awake = 0;
	for (unsigned i = 0; i < WAITERS; i++)
		thread_start(&threads[i], waits, NULL);
	/* Spurious: the word is still 0, so those woken go back to wait. */
	expect_eq("woken of at most 3", wake_exactly(3), 3);
	expect_eq("none of them saw another value", awake, 0);
	word = 1;
	futex_wake(&word, 1000);
	for (unsigned i = 0; i < WAITERS; i++)
		thread_join(&threads[i]);
	expect_eq("all came through in the end", awake, WAITERS);
	expect_eq("nobody waits any more", futex_wake(&word, 1000), 0);
}

static int *shared_word;

static int waits_in_child(void *unused)
{
	(void)unused;
	while (*(volatile int *)shared_word == 0)
		futex_wait(shared_word, 0);
	return *shared_word;
}

static void between_processes(void)
{
	pid_t pid;

	shared_word = map_shared(PAGE);
	pid = child_start(waits_in_child, NULL);
	sleep_ms(20);
	*shared_word = 7;
	futex_wake(shared_word, 1);
	expect_status("the child saw the value", child_wait(pid), EXITED(7));
	unmap(shared_word, PAGE);
}

/* 0 free, 1 taken, 2 taken and somebody waits. */
static int mutex;
static volatile int inside, overlaps, rounds;

static void lock(void)
{
	int old = 0;

	if (__atomic_compare_exchange_n(&mutex, &old, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(&mutex, 2, __ATOMIC_ACQUIRE) != 0)
		SYS(futex, &mutex, FUTEX_WAIT_PRIVATE, 2, NULL);
}

static void unlock(void)
{
	if (__atomic_exchange_n(&mutex, 0, __ATOMIC_RELEASE) == 2)
		SYS(futex, &mutex, FUTEX_WAKE_PRIVATE, 1);
}

static void contends(void *unused)
{
	(void)unused;
	for (unsigned i = 0; i < 300; i++) {
		lock();
		overlaps += inside++ != 0;
		if (i % 8 == 0)
			SYS(sched_yield);
		inside--;
		rounds++;
		unlock();
	}
}

static void as_a_mutex(void)
{
	for (unsigned i = 0; i < WAITERS; i++)
		thread_start(&threads[i], contends, NULL);
	for (unsigned i = 0; i < WAITERS; i++)
		thread_join(&threads[i]);
	expect_eq("rounds", rounds, WAITERS * 300);
	expect_eq("overlaps", overlaps, 0);
}

static void absolute_time(void)
{
	struct __kernel_old_timespec t;

	word = 5;
	SYS(clock_gettime, CLOCK_MONOTONIC, &t);
	expect_error("bitset wait until now", SYS(futex, &word, FUTEX_WAIT_BITSET, 5, &t, NULL,
						  FUTEX_BITSET_MATCH_ANY), ETIMEDOUT);
	t.tv_nsec += 20000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	expect_error("bitset wait for 20 ms", SYS(futex, &word, FUTEX_WAIT_BITSET, 5, &t, NULL,
						  FUTEX_BITSET_MATCH_ANY), ETIMEDOUT);
	expect_error("bitset 0", SYS(futex, &word, FUTEX_WAIT_BITSET, 5, &t, NULL, 0), EINVAL);
}

static const struct test_case cases[] = {
	{ "errors and time limits", errors },
	{ "how many are woken", how_many },
	{ "between processes", between_processes },
	{ "as a mutex", as_a_mutex },
	{ "absolute time limits", absolute_time },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

/* SPDX-License-Identifier: MIT */
/*
 * Clocks go forward, agree with each other, and sleeps last at least as long as asked; nothing
 * here expects anything to be fast (clock_gettime(2), nanosleep(2)).
 */
#include "user/lib/clock.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

typedef struct __kernel_old_timespec timespec;

static void forward(void)
{
	static const int clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME,
				      CLOCK_MONOTONIC_RAW };
	char what[24];

	for (unsigned i = 0; i < COUNT(clocks); i++) {
		int64_t last = clock_ns(clocks[i]), first = last;
		unsigned back = 0;

		for (unsigned k = 0; k < 2000; k++) {
			int64_t t = clock_ns(clocks[i]);

			back += t < last;
			last = t;
		}
		format(what, sizeof(what), "clock %d", clocks[i]);
		expect_true(what, first > 0 && last > first);
		expect_eq("steps back", back, 0);
	}
}

static void refused(void)
{
	timespec t;

	expect_error("unknown clock", SYS(clock_gettime, 99, &t), EINVAL);
	expect_error("nanoseconds out of range",
		     SYS(nanosleep, &((timespec){ 0, 1000000000 }), NULL), EINVAL);
	expect_error("nanoseconds below 0", SYS(nanosleep, &((timespec){ 0, -1 }), NULL), EINVAL);
	expect_error("seconds below 0", SYS(nanosleep, &((timespec){ -1, 0 }), NULL), EINVAL);
	expect_eq("no time at all", SYS(nanosleep, &((timespec){ 0, 0 }), NULL), 0);
	expect_eq("resolution", SYS(clock_getres, CLOCK_MONOTONIC, &t), 0);
	expect_true("at most 10 ms", t.tv_sec == 0 && t.tv_nsec > 0 && t.tv_nsec <= 10000000);
}

static void sleeps_last(void)
{
	static const unsigned ms[] = { 1, 5, 20, 100 };
	char what[24];

	for (unsigned i = 0; i < COUNT(ms); i++) {
		int64_t before = clock_ns(CLOCK_MONOTONIC), took;

		sleep_ms(ms[i]);
		took = clock_ns(CLOCK_MONOTONIC) - before;
		format(what, sizeof(what), "%u ms", ms[i]);
		note("%s took %d us", what, (int)(took / 1000));
		expect_true(what, took >= (int64_t)ms[i] * 1000000);
	}
}

static void until(void)
{
	int64_t end = clock_ns(CLOCK_MONOTONIC) + 30000000;
	timespec t = { (long)(end / 1000000000), (long)(end % 1000000000) };

	expect_eq("clock_nanosleep to a point of time",
		  SYS(clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL), 0);
	expect_true("not before it", clock_ns(CLOCK_MONOTONIC) >= end);
	expect_eq("to one that has passed",
		  SYS(clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL), 0);
	expect_error("unknown clock", SYS(clock_nanosleep, 99, 0, &t, NULL), EINVAL);
}

/* Several sleepers at once, the last started with the shortest time. */
static int sleeps(void *ms)
{
	int64_t before = clock_ns(CLOCK_MONOTONIC);

	sleep_ms((unsigned)(unsigned long)ms);
	return clock_ns(CLOCK_MONOTONIC) - before < (int64_t)(unsigned long)ms * 1000000;
}

static void many_sleepers(void)
{
	pid_t pids[10];
	unsigned bad = 0;

	for (unsigned i = 0; i < COUNT(pids); i++)
		pids[i] = child_start(sleeps, (void *)(unsigned long)(60 - i * 5));
	for (unsigned i = 0; i < COUNT(pids); i++)
		bad += child_wait(pids[i]) != EXITED(0);
	expect_eq("sleepers that woke too early", bad, 0);
}

/* SIGCONT and SIGSTOP do not end a sleep (spec R6.20): it is restarted with what is left. */
static void stopped_sleeper(void)
{
	pid_t pid = child_start(sleeps, (void *)150);

	for (unsigned i = 0; i < 5; i++) {
		sleep_ms(10);
		SYS(kill, pid, SIGSTOP);
		SYS(kill, pid, SIGCONT);
	}
	expect_status("it slept long enough", child_wait(pid), EXITED(0));
}

static void time_and_gettimeofday(void)
{
	struct { long sec, usec; } tv = { 0, 0 };
	int64_t real = clock_ns(CLOCK_REALTIME) / 1000000000;
	long t = SYS(time, NULL);

	SYS(gettimeofday, &tv, NULL);
	expect_true("time", t >= (long)real && t <= (long)real + 5);
	expect_true("gettimeofday", tv.sec >= (long)real && tv.sec <= (long)real + 5);
	expect_true("microseconds", tv.usec >= 0 && tv.usec < 1000000);
}

#ifndef __x86_64__
/* A 32-bit long is followed by padding, which programs leave as it was. */
static const struct __kernel_timespec padded = { 0, 0x1234567800000000 + 1000000 };

static void padding_does_not_count(void)
{
	int word = 0;

	expect_eq("clock_nanosleep",
		  SYS(clock_nanosleep_time64, CLOCK_MONOTONIC, 0, &padded, NULL), 0);
	expect_eq("ppoll", SYS(ppoll_time64, NULL, 0, &padded, NULL, 8), 0);
	expect_eq("pselect6", SYS(pselect6_time64, 0, NULL, NULL, NULL, &padded, NULL), 0);
	expect_error("futex", SYS(futex_time64, &word, FUTEX_WAIT, 0, &padded, NULL, 0), ETIMEDOUT);
}
#endif

static const struct test_case cases[] = {
	{ "clocks go forward", forward },
	{ "refused", refused },
	{ "sleeps last long enough", sleeps_last },
	{ "sleep until a point of time", until },
	{ "many sleepers", many_sleepers },
	{ "a stopped sleeper", stopped_sleeper },
	{ "time and gettimeofday", time_and_gettimeofday },
#ifndef __x86_64__
	{ "padding of 64-bit times", padding_does_not_count },
#endif
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

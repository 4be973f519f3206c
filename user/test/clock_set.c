/* SPDX-License-Identifier: MIT */
/*
 * Setting the wall clock moves what waits for a time of it - absolute timers, sleeps, the time
 * limits of futexes - and nothing that waits for a distance, or by another clock (POSIX
 * clock_settime).  Jumps are of a thousand seconds, so that nothing comes in time by itself.
 */
#include "user/lib/clock.h"
#include "user/lib/handler.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"
#include "user/test/posix_timers.h"

#define SEC  1000000000ll
#define JUMP (1000 * SEC)

static bool wide;		/* 32 bit: by the calls with 64-bit times */

struct moment {			/* of the calls at hand: 64 bits each, or 32 bits each */
	long long words[2];
};

static const void *moment(struct moment *m, long long ns)
{
	struct __kernel_old_timespec t = { (long)(ns / SEC), (long)(ns % SEC) };

	*m = (struct moment){ { ns / SEC, ns % SEC } };
	if (!wide)
		__builtin_memcpy(m, &t, sizeof(t));
	return m;
}

#ifdef __x86_64__
#define CALL(name, wide_name, ...) SYS(name, __VA_ARGS__)
#else
#define CALL(name, wide_name, ...) (wide ? SYS(wide_name, __VA_ARGS__) : SYS(name, __VA_ARGS__))
#endif

static long settime(int clock, long long ns)
{
	struct moment m;

	return CALL(clock_settime, clock_settime64, clock, moment(&m, ns));
}

static void jump(long long ns)
{
	expect_eq("clock_settime", settime(CLOCK_REALTIME, clock_ns(CLOCK_REALTIME) + ns), 0);
}

/* Nothing here is called that Linux could take for good: these are its answers. */
static void refused(void)
{
	static const struct __kernel_old_timespec bad[] = {
		{ 0, 1000000000 }, { 0, -1 }, { -1, 0 },
	};

	for (unsigned i = 0; i < COUNT(bad); i++)
		expect_error("no time", SYS(clock_settime, CLOCK_REALTIME, &bad[i]), EINVAL);
	expect_error("at 16", SYS(clock_settime, CLOCK_REALTIME, 16), EFAULT);
	expect_error("the monotonic clock", SYS(clock_settime, CLOCK_MONOTONIC, 16), EINVAL);
	expect_error("no clock", SYS(clock_settime, 99, 16), EINVAL);
	expect_error("the process's CPU time", SYS(clock_settime, CLOCK_PROCESS_CPUTIME_ID, 16),
		     EINVAL);
}

static bool is_guest(void)
{
	if (!on_paranoid())
		skip("not on Linux: the host's clock is not set");
	return on_paranoid();
}

/* A Linux that took these would have another clock then. */
static void out_of_range(void)
{
	if (!is_guest())
		return;
	expect_error("before the boot", settime(CLOCK_REALTIME, 0), EINVAL);
	wide = true;
	expect_error("in 2232", settime(CLOCK_REALTIME, 8277292036 * SEC), EINVAL);
	expect_error("beyond 64 bits of ns", CALL(clock_settime, clock_settime64, CLOCK_REALTIME,
		     &((struct moment){ { INT64_MAX, 0 } })), EINVAL);
	wide = false;
}

/* What is left of it, in seconds. */
static long left(int id)
{
	struct setting s = { { 0, 0 }, { 0, 0 } };

	expect_eq("timer_gettime", SYS_NR(NR_GETTIME, id, &s), 0);
	return (long)s.value.sec;
}

static int timer_of(int clock, int flags, long long in)
{
	int id = create(clock, SIGEV_SIGNAL, SIGUSR1, 0);
	long long start = flags & TIMER_ABSTIME ? clock_ns(clock) : 0;

	expect_eq("timer_settime", set(id, flags, start + in, 0, NULL), 0);
	return id;
}

static void take(int signo)
{
	const uint64_t set = SIGNAL_BIT(signo);
	const struct __kernel_old_timespec none = { 0, 0 };

	SYS(rt_sigtimedwait, &set, NULL, &none, sizeof(set));
}

static void absolute_timers(void)
{
	static const int clocks[] = { CLOCK_REALTIME, CLOCK_TAI };

	if (!is_guest())
		return;
	for (unsigned i = 0; i < COUNT(clocks); i++) {
		int id = timer_of(clocks[i], TIMER_ABSTIME, JUMP);

		jump(-JUMP);
		expect_true("set back, it has more time", left(id) > 1500);
		jump(JUMP);
		expect_true("not pending", !is_pending(SIGUSR1) && left(id) > 500);
		jump(JUMP);
		wait_pending(SIGUSR1);
		expect_true("set forward, it fires", is_pending(SIGUSR1));
		take(SIGUSR1);
		jump(-JUMP);
		expect_eq("once", left(id), 0);
		expect_true("and never again", !is_pending(SIGUSR1));
		expect_eq("timer_delete", SYS(timer_delete, id), 0);
	}
}

static void periodic_timer(void)
{
	int id, many;

	if (!is_guest())
		return;
	id = create(CLOCK_REALTIME, SIGEV_SIGNAL, SIGUSR1, 0);
	set(id, TIMER_ABSTIME, clock_ns(CLOCK_REALTIME) + JUMP, 100 * SEC, NULL);
	jump(JUMP + 10 * SEC);
	wait_pending(SIGUSR1);
	expect_true("it fires", is_pending(SIGUSR1));
	jump(500 * SEC);
	take(SIGUSR1);
	many = (int)SYS(timer_getoverrun, id);
	expect_true("the periods that were jumped over", many >= 5 && many <= 9);
	expect_true("within a period", left(id) <= 100 && !is_pending(SIGUSR1));
	jump(100 * SEC);
	wait_pending(SIGUSR1);
	expect_true("and again", is_pending(SIGUSR1));
	SYS(timer_delete, id);
	take(SIGUSR1);
	jump(-JUMP - 610 * SEC);
}

/* Distances, and times of other clocks. */
static void not_moved(void)
{
	static const struct { int clock, flags; } timers[] = {
		{ CLOCK_REALTIME, 0 }, { CLOCK_TAI, 0 }, { CLOCK_MONOTONIC, TIMER_ABSTIME },
		{ CLOCK_MONOTONIC, 0 }, { CLOCK_BOOTTIME, TIMER_ABSTIME },
	};

	if (!is_guest())
		return;
	for (unsigned i = 0; i < COUNT(timers); i++) {
		int id = timer_of(timers[i].clock, timers[i].flags, JUMP);

		jump(2 * JUMP);
		expect_true("it has as much time", left(id) > 500 && !is_pending(SIGUSR1));
		jump(-2 * JUMP);
		expect_true("and then too", left(id) <= 1000 && !is_pending(SIGUSR1));
		SYS(timer_delete, id);
	}
}

static int sleeps(void *until)
{
	struct moment m;

	return -(int)CALL(clock_nanosleep, clock_nanosleep_time64, CLOCK_REALTIME, TIMER_ABSTIME,
			  moment(&m, *(long long *)until), NULL);
}

static int waits(void *until)
{
	int word = 0;
	struct moment m;

	return -(int)CALL(futex, futex_time64, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0,
			  moment(&m, *(long long *)until), NULL, FUTEX_BITSET_MATCH_ANY);
}

static const struct { const char *name; child_fn *fn; int status; } sleepers[] = {
	{ "clock_nanosleep", sleeps, 0 },
	{ "futex", waits, ETIMEDOUT },
};

/* stop: a stop and SIGCONT come in between; the wait goes on as it was. */
static void wakes_by_clock(unsigned i, bool stop)
{
	long long until = clock_ns(CLOCK_REALTIME) + JUMP;
	pid_t pid = child_start(sleepers[i].fn, &until);

	expect_true(sleepers[i].name, child_wait_asleep(pid));
	if (stop) {
		SYS(kill, pid, SIGSTOP);
		SYS(kill, pid, SIGCONT);
		expect_true("asleep again", child_wait_asleep(pid));
	}
	jump(JUMP);
	expect_status("its time has come", child_wait(pid), EXITED(sleepers[i].status));
	jump(-JUMP);
}

/* A quarter of a second: if that has gone by before the clock is set back, it is tried again. */
static void sleeps_on(unsigned i)
{
	long long until;
	pid_t pid;

	for (;;) {
		until = clock_ns(CLOCK_REALTIME) + SEC / 4;
		pid = child_start(sleepers[i].fn, &until);
		child_wait_asleep(pid);
		jump(-JUMP);
		if (clock_ns(CLOCK_REALTIME) + JUMP < until)
			break;
		jump(JUMP);
		child_wait(pid);
	}
	sleep_ms(333);
	expect_eq("it sleeps on", SYS(wait4, pid, NULL, WNOHANG, NULL), 0);
	jump(JUMP);
	expect_status("until it is time", child_wait(pid), EXITED(sleepers[i].status));
}

static void sleepers_by_both_calls(void)
{
	if (!is_guest())
		return;
	for (int k = 0; k <= !IS_64BIT; k++) {
		wide = k;
		for (unsigned i = 0; i < COUNT(sleepers); i++) {
			wakes_by_clock(i, false);
			wakes_by_clock(i, true);
			sleeps_on(i);
		}
	}
	wide = false;
}

static int sleeps_a_while(void *unused)
{
	long long start = clock_ns(CLOCK_MONOTONIC);
	struct __kernel_old_timespec t = { 0, 200000000 };

	(void)unused;
	SYS(clock_nanosleep, CLOCK_REALTIME, 0, &t, NULL);
	return clock_ns(CLOCK_MONOTONIC) - start < 200000000;
}

static void relative_sleep(void)
{
	pid_t pid;

	if (!is_guest())
		return;
	pid = child_start(sleeps_a_while, NULL);
	child_wait_asleep(pid);
	jump(JUMP);
	expect_status("not too short", child_wait(pid), EXITED(0));
	jump(-JUMP);
}

static const struct test_case cases[] = {
	{ "refused", refused },
	{ "out of range", out_of_range },
	{ "absolute timers", absolute_timers },
	{ "a periodic one", periodic_timer },
	{ "timers that are not moved", not_moved },
	{ "absolute sleeps", sleepers_by_both_calls },
	{ "a relative sleep", relative_sleep },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	signal_mask(SIG_BLOCK, SIGNAL_BIT(SIGUSR1), NULL);
	return RUN_CASES(cases);
}

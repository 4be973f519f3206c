/* SPDX-License-Identifier: MIT */
/* Timers that are refused, deleted, and left behind by fork and exec. */
#include "user/lib/file.h"
#include "user/lib/handler.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"
#include "user/test/posix_timers.h"

static void errors(void)
{
	int id = create(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0), number;
	struct setting s = { { 0, 0 }, { 0, 0 } };

	expect_error("a clock that does not exist", create(77, SIGEV_NONE, 0, 0), EINVAL);
	expect_error("CLOCK_MONOTONIC_RAW", create(CLOCK_MONOTONIC_RAW, SIGEV_NONE, 0, 0),
		     EOPNOTSUPP);
	expect_error("signal 65", create(CLOCK_MONOTONIC, SIGEV_SIGNAL, 65, 0), EINVAL);
	expect_error("notify 3", create(CLOCK_MONOTONIC, 3, SIGUSR1, 0), EINVAL);
	expect_error("event at 16", SYS(timer_create, CLOCK_MONOTONIC, 16, &number), EFAULT);
	expect_error("number to 16", SYS(timer_create, CLOCK_MONOTONIC, NULL, 16), EFAULT);
	s.value.nsec = 1000000000;
	expect_error("too many ns", SYS_NR(NR_SETTIME, id, 0, &s, NULL), EINVAL);
	s.value.nsec = 0, s.interval.sec = -1;
	expect_error("negative interval", SYS_NR(NR_SETTIME, id, 0, &s, NULL), EINVAL);
	expect_error("no setting", SYS_NR(NR_SETTIME, id, 0, NULL, NULL), EINVAL);
	expect_error("setting at 16", SYS_NR(NR_SETTIME, id, 0, 16, NULL), EFAULT);
	expect_eq("timer_delete", SYS(timer_delete, id), 0);
	expect_error("gone: timer_delete", SYS(timer_delete, id), EINVAL);
	expect_error("gone: timer_settime", set(id, 0, MS, 0, NULL), EINVAL);
	expect_error("gone: timer_gettime", SYS_NR(NR_GETTIME, id, &s), EINVAL);
	expect_error("gone: timer_getoverrun", SYS(timer_getoverrun, id), EINVAL);
}

static int no_timer(void *id)
{
	return SYS(timer_delete, id) == -EINVAL ? 9 : 1;
}

static int exec_with_timer(void *unused)
{
	char *argv[] = { self_path(), "look", NULL };
	int id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);

	(void)unused;
	signal_mask(SIG_BLOCK, SIGNAL_BIT(SIGUSR1), NULL);
	set(id, 0, 1, 0, NULL);
	wait_pending(SIGUSR1);
	set(id, 0, 1000000ll * MS, 0, NULL);
	SYS(execve, argv[0], argv, program_envp);
	return 1;
}

static void fork_and_exec(void)
{
	int id = create(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0);

	expect_status("not in a child", child_run(no_timer, (void *)(long)id), EXITED(9));
	expect_status("nor a signal after exec", child_run(exec_with_timer, NULL), EXITED(0));
	SYS(timer_delete, id);
}

/*
 * Times beyond 64 bits of nanoseconds are as late as can be: 292 years.  A timer that fires now and
 * has such a period does so once.
 */
static void huge_times(void)
{
	static const long long seconds[] = { INT64_MAX, 1ll << 34, 18446744074, INT64_MAX / MS };
	const uint64_t usr1 = SIGNAL_BIT(SIGUSR1);
	const struct __kernel_old_timespec long_time = { 60, 0 };
	int id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);
	struct setting s;

	signal_mask(SIG_BLOCK, usr1, NULL);
	for (unsigned i = 0; i < 2 * COUNT(seconds); i++) {
		long long sec = seconds[i / 2];

		s = (struct setting){ { sec, 999999999 }, { sec, 999999999 } };
		expect_eq("set", SYS_NR(NR_SETTIME, id, i % 2 ? TIMER_ABSTIME : 0, &s, NULL), 0);
		expect_eq("look", SYS_NR(NR_GETTIME, id, &s), 0);
		expect_true("as late as can be",
			    s.value.sec > 9000000000 && s.value.sec <= 9223372036);
		expect_true("a period as long", s.interval.sec == 9223372036);
		s = (struct setting){ { sec, 0 }, { 0, 1 } };
		expect_eq("now", SYS_NR(NR_SETTIME, id, i % 2 ? TIMER_ABSTIME : 0, &s, NULL), 0);
		expect_eq("it fires", SYS(rt_sigtimedwait, &usr1, NULL, &long_time, 8), SIGUSR1);
		expect_eq("overruns", SYS(timer_getoverrun, id), 0);
		SYS_NR(NR_GETTIME, id, &s);
		expect_true("the next period",
			    s.value.sec > 9000000000 && s.value.sec <= 9223372036);
	}
	expect_true("not again", !is_pending(SIGUSR1));
	SYS(timer_delete, id);
	signal_mask(SIG_UNBLOCK, usr1, NULL);
}

/* More periods than an int counts, DELAYTIMER_MAX: a month of nanoseconds. */
static void overrun_saturates(void)
{
	const uint64_t usr1 = SIGNAL_BIT(SIGUSR1);
	const struct __kernel_old_timespec long_time = { 60, 0 };
	int id = create(CLOCK_REALTIME, SIGEV_SIGNAL, SIGUSR1, 0);

	signal_mask(SIG_BLOCK, usr1, NULL);
	set(id, TIMER_ABSTIME, 1, 1, NULL);
	expect_eq("it fires", SYS(rt_sigtimedwait, &usr1, NULL, &long_time, 8), SIGUSR1);
	expect_eq("overruns", SYS(timer_getoverrun, id), INT32_MAX);
	SYS(timer_delete, id);
	while (SYS(rt_sigtimedwait, &usr1, NULL, &((long[2]){ 0, 0 }), 8) == SIGUSR1)
		;
	signal_mask(SIG_UNBLOCK, usr1, NULL);
}

static const struct test_case cases[] = {
	{ "errors", errors },
	{ "huge times", huge_times },
	{ "overrun saturates", overrun_saturates },
	{ "fork and exec", fork_and_exec },
};

/* The program that exec_with_timer starts: no timer, and no signal of one. */
static int after_exec(void)
{
	for (int id = 0; id < 64; id++)
		if (SYS(timer_delete, id) != -EINVAL)
			return 1;
	return is_pending(SIGUSR1) ? 2 : 0;
}

int main(int argc, char **argv, char **envp)
{
	(void)argv, (void)envp;
	if (argc > 1)
		return after_exec();
	self_path();
	return RUN_CASES(cases);
}

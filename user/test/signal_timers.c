/* SPDX-License-Identifier: MIT */
/* alarm and setitimer(ITIMER_REAL): one shot, periodic, what is left, fork and exec. */
#include "user/lib/clock.h"
#include "user/lib/file.h"
#include "user/lib/handler.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

static volatile int alarms;
static int code;

static void count(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)uc;
	code = info->si_code;
	alarms++;
}

static void wait_for_alarms(int n)
{
	for (unsigned i = 0; i < 400 && alarms < n; i++)
		sleep_ms(5);
}

static void one_shot(void)
{
	struct interval t = { 0, 0, 0, 60000 }, old = { 1, 1, 1, 1 };
	int64_t start = clock_ms(CLOCK_MONOTONIC);

	alarms = 0;
	handle(SIGALRM, count, 0);
	expect_eq("setitimer", SYS(setitimer, ITIMER_REAL, &t, &old), 0);
	expect_true("there was none", !old.sec && !old.usec && !old.interval_sec);
	wait_for_alarms(1);
	expect_eq("SIGALRM", alarms, 1);
	expect_true("not early", clock_ms(CLOCK_MONOTONIC) - start >= 59);
	expect_eq("si_code", code, SI_KERNEL);
	SYS(getitimer, ITIMER_REAL, &t);
	expect_true("it is over", !t.sec && !t.usec);
	sleep_ms(100);
	expect_eq("once", alarms, 1);
}

static void periodic(void)
{
	struct interval t = { 0, 20000, 0, 20000 }, now = { 9, 9, 9, 9 };
	int64_t start = clock_ms(CLOCK_MONOTONIC);

	alarms = 0;
	expect_eq("setitimer", SYS(setitimer, ITIMER_REAL, &t, NULL), 0);
	wait_for_alarms(5);
	expect_true("five periods", alarms >= 5);
	expect_true("no faster than asked", clock_ms(CLOCK_MONOTONIC) - start >= 99);
	SYS(getitimer, ITIMER_REAL, &now);
	expect_eq("interval", now.interval_usec, 20000);
	expect_true("what is left", now.sec == 0 && now.usec > 0 && now.usec <= 20000);
	memset(&t, 0, sizeof(t));
	expect_eq("off", SYS(setitimer, ITIMER_REAL, &t, &now), 0);
	expect_eq("old interval", now.interval_usec, 20000);
	alarms = 0;
	sleep_ms(100);
	expect_eq("no more", alarms, 0);
}

static void by_alarm(void)
{
	expect_eq("alarm: none before", SYS(alarm, 100), 0);
	expect_eq("seconds left", SYS(alarm, 200), 100);
	expect_eq("off", SYS(alarm, 0), 200);
	alarms = 0;
	SYS(alarm, 1);
	expect_error("pause", SYS(pause), EINTR);
	expect_eq("SIGALRM", alarms, 1);
}

static int die_by_alarm(void *unused)
{
	struct interval t = { 0, 0, 0, 30000 };

	(void)unused;
	signal_set(SIGALRM, SIG_DFL);
	SYS(setitimer, ITIMER_REAL, &t, NULL);
	return sleep_for_ever(NULL);
}

static int inherited(void *unused)
{
	struct interval t = { 9, 9, 9, 9 };

	(void)unused;
	SYS(getitimer, ITIMER_REAL, &t);
	return t.sec || t.usec || t.interval_sec || t.interval_usec;
}

static int exec_check(void *unused)
{
	char *argv[] = { self_path(), "check", NULL };

	(void)unused;
	SYS(alarm, 50);
	return -(int)SYS(execve, argv[0], argv, program_envp);
}

static void processes(void)
{
	expect_status("default action", child_run(die_by_alarm, NULL), KILLED(SIGALRM));
	SYS(alarm, 100);
	expect_status("fork does not inherit it", child_run(inherited, NULL), EXITED(0));
	expect_eq("the parent's runs on", SYS(alarm, 0), 100);
	expect_status("exec keeps it", child_run(exec_check, NULL), EXITED(0));
}

static void refused(void)
{
	struct interval t = { 0, 0, 0, 1000000 };

	expect_error("a second of microseconds", SYS(setitimer, ITIMER_REAL, &t, NULL), EINVAL);
	t = (struct interval){ 0, 0, -1, 0 };
	expect_error("negative", SYS(setitimer, ITIMER_REAL, &t, NULL), EINVAL);
	expect_error("no such timer", SYS(setitimer, 3, &t, NULL), EINVAL);
	expect_error("no such timer to read", SYS(getitimer, -1, &t), EINVAL);
	expect_error("bad pointer", SYS(setitimer, ITIMER_REAL, (void *)8, NULL), EFAULT);
	expect_error("bad pointer to read to", SYS(getitimer, ITIMER_REAL, (void *)8), EFAULT);
}

static const struct test_case cases[] = {
	{ "one shot", one_shot },
	{ "periodic", periodic },
	{ "alarm", by_alarm },
	{ "processes", processes },
	{ "what is refused", refused },
};

int main(int argc, char **argv, char **envp)
{
	(void)argv, (void)envp;
	if (argc > 1)
		return SYS(alarm, 0) != 50;
	return RUN_CASES(cases);
}

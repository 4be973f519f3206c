/* SPDX-License-Identifier: MIT */
/*
 * setitimer(ITIMER_VIRTUAL) and setitimer(ITIMER_PROF): signals by CPU time that was used.  Nothing
 * here depends on how fast that is.  Linux counts ticks for these timers and may be early.
 */
#include "user/lib/clock.h"
#include "user/lib/file.h"
#include "user/lib/handler.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define MS 1000l

static const struct { const char *name; int which, signo; } timers[] = {
	{ "ITIMER_VIRTUAL", ITIMER_VIRTUAL, SIGVTALRM },
	{ "ITIMER_PROF", ITIMER_PROF, SIGPROF },
};
static unsigned n;		/* the timer that is tested */
static volatile int signals, code;

static void count(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)uc;
	code = info->si_code;
	signals++;
}

static int64_t used_ms(void)
{
	return clock_ms(CLOCK_PROCESS_CPUTIME_ID);
}

/* In user mode, nearly all of it.  A minute of CPU time is for ever. */
static void spin_until(int wanted)
{
	int64_t start = used_ms();

	while (signals < wanted && used_ms() - start < 60000)
		for (volatile unsigned i = 0; i < 300000 && signals < wanted; i++)
			;
}

static void set(long usec, long interval_usec, struct interval *old)
{
	struct interval t = { 0, interval_usec, usec / 1000000, usec % 1000000 };

	expect_eq(timers[n].name, SYS(setitimer, timers[n].which, &t, old), 0);
}

static void each(void (*test)(void))
{
	for (n = 0; n < COUNT(timers); n++) {
		handle(timers[n].signo, count, 0);
		signals = 0;
		test();
		set(0, 0, NULL);
	}
}

static void test_one_shot(void)
{
	int64_t start = used_ms();
	struct interval left = { 9, 9, 9, 9 };

	set(10 * MS, 0, NULL);
	spin_until(1);
	expect_eq("signals", signals, 1);
	expect_eq("si_code", code, SI_KERNEL);
	expect_true("not before its time", used_ms() - start >= 9 || !on_paranoid());
	SYS(getitimer, timers[n].which, &left);
	expect_true("it is over", !left.sec && !left.usec && !left.interval_usec);
}

static void test_periodic(void)
{
	struct interval old;
	int64_t start = used_ms();
	int last;

	set(5 * MS, 5 * MS, NULL);
	spin_until(4);
	expect_true("four periods", signals >= 4);
	expect_true("not before their time", used_ms() - start >= 19 || !on_paranoid());
	set(0, 0, &old);
	expect_eq("old interval", old.interval_usec, 5 * MS);
	expect_true("old value", old.sec == 0 && old.usec > 0 && old.usec <= 20 * MS);
	last = signals;
	for (start = used_ms(); used_ms() - start < 12;)
		;
	expect_eq("no more", signals - last, 0);
}

/* Sleeping uses no CPU time.  What a busy host makes of the rest, used_ms() tells. */
static void test_asleep(void)
{
	int64_t start = used_ms();
	struct interval left;

	set(900 * MS, 0, NULL);
	sleep_ms(150);
	SYS(getitimer, timers[n].which, &left);
	expect_true("nothing but what was used is gone",
		    left.usec / MS + (long)(used_ms() - start) >= 900 - 50);
}

static int spin(void *unused)
{
	(void)unused;
	signal_set(timers[n].signo, SIG_DFL);
	set(10 * MS, 0, NULL);
	signals = 0;
	spin_until(1);
	return 0;
}

static int inherited(void *unused)
{
	struct interval t = { 9, 9, 9, 9 };

	(void)unused;
	SYS(getitimer, timers[n].which, &t);
	return t.sec || t.usec || t.interval_sec || t.interval_usec;
}

static int exec_check(void *unused)
{
	char *argv[] = { self_path(), n ? "1" : "0", NULL };

	(void)unused;
	set(100000 * MS, 0, NULL);
	return -(int)SYS(execve, argv[0], argv, program_envp);
}

static void test_processes(void)
{
	expect_status("default action", child_run(spin, NULL), KILLED(timers[n].signo));
	set(100000 * MS, 0, NULL);
	expect_status("fork does not inherit it", child_run(inherited, NULL), EXITED(0));
	expect_status("exec keeps it", child_run(exec_check, NULL), EXITED(0));
}

static void one_shot(void) { each(test_one_shot); }
static void periodic(void) { each(test_periodic); }
static void asleep(void) { each(test_asleep); }
static void processes(void) { each(test_processes); }

static const struct test_case cases[] = {
	{ "one shot", one_shot },
	{ "periodic", periodic },
	{ "asleep", asleep },
	{ "processes", processes },
};

int main(int argc, char **argv, char **envp)
{
	struct interval t;

	(void)envp;
	if (argc > 1) {
		SYS(getitimer, argv[1][0] == '1' ? ITIMER_PROF : ITIMER_VIRTUAL, &t);
		return !(t.sec > 50);
	}
	self_path();
	return RUN_CASES(cases);
}

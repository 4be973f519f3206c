/* SPDX-License-Identifier: MIT */
/* A nice value belongs to a thread: setpriority and getpriority of one, and of a whole group. */
#include <linux/resource.h>
#include "user/lib/test.h"
#include "user/lib/thread.h"

static struct thread other;
static volatile int stop;	/* a futex word */

static void waits(void *unused)
{
	(void)unused;
	while (!stop)
		futex_wait((int *)&stop, 0);
	SYS(exit, 0);
}

/* What the raw call gives is 20 - nice. */
static long nice_of(int which, int who)
{
	return 20 - SYS(getpriority, which, who);
}

static void expect_nices(long own, long others)
{
	expect_eq("the caller's", nice_of(PRIO_PROCESS, 0), own);
	expect_eq("by its number", nice_of(PRIO_PROCESS, (int)SYS(gettid)), own);
	expect_eq("the other thread's", nice_of(PRIO_PROCESS, other.tid), others);
}

static void one_thread(void)
{
	int own = (int)SYS(getpid);

	if (!may_raise_priority())
		return;
	expect_nices(0, 0);
	expect_eq("set the other's", SYS(setpriority, PRIO_PROCESS, other.tid, 5), 0);
	expect_nices(0, 5);
	expect_eq("set the caller's", SYS(setpriority, PRIO_PROCESS, 0, 7), 0);
	expect_nices(7, 5);
	expect_eq("by its number", SYS(setpriority, PRIO_PROCESS, own, 3), 0);
	expect_nices(3, 5);
}

static void a_group(void)
{
	SYS(setpriority, PRIO_PROCESS, 0, 7);
	SYS(setpriority, PRIO_PROCESS, other.tid, 5);
	expect_eq("the best of the group", nice_of(PRIO_PGRP, 0), 5);
	expect_eq("set all", SYS(setpriority, PRIO_PGRP, 0, 9), 0);
	expect_nices(9, 9);
}

static void refused(void)
{
	expect_error("nobody", SYS(setpriority, PRIO_PROCESS, 0x3ffffff, 0), ESRCH);
	expect_error("a negative number", SYS(getpriority, PRIO_PROCESS, -5), ESRCH);
	expect_error("which 3", SYS(getpriority, 3, 0), EINVAL);
}

static const struct test_case cases[] = {
	{ "one thread", one_thread },
	{ "a group means all threads", a_group },
	{ "refused", refused },
};

int main(int argc, char **argv, char **envp)
{
	int status;

	(void)argc, (void)argv, (void)envp;
	SYS(setpgid, 0, 0);
	SYS(setpriority, PRIO_PROCESS, 0, 0);
	expect_ok("thread", thread_start(&other, waits, NULL));
	status = RUN_CASES(cases);
	stop = 1;
	futex_wake((int *)&stop, 1);
	thread_join(&other);
	return status;
}

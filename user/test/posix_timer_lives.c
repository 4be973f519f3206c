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

static const struct test_case cases[] = {
	{ "errors", errors },
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

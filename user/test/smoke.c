/* SPDX-License-Identifier: MIT */
/*
 * The least that a test needs: start, system calls, a child, memory, and the report.  If this one
 * fails, look here first.
 */
#include "user/lib/test.h"

static void system_call(void)
{
	expect_true("getpid", self_pid() > 0);
	expect_error("close of nothing", SYS(close, -1), EBADF);
}

static int exits(void *code)
{
	return (int)(long)code;
}

static void child(void)
{
	expect_status("a child", child_run(exits, (void *)42l), EXITED(42));
}

static void memory(void)
{
	volatile char *at = map_private(2 * PAGE);

	at[PAGE] = 1;
	expect_eq("a new page", at[0], 0);
	expect_eq("a written page", at[PAGE], 1);
	unmap((void *)at, 2 * PAGE);
}

static const struct test_case cases[] = {
	{ "a system call", system_call },
	{ "a child", child },
	{ "memory", memory },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

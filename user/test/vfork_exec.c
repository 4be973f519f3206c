/* SPDX-License-Identifier: MIT */
/*
 * vfork: the child runs in its parent's memory, and the parent does not go on before the child has
 * executed a program or ended, whichever way (vfork(2)).
 */
#include "user/lib/file.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

static volatile int child_was_here;
static int *shared;

static void child_exits(void)
{
	pid_t pid;

	child_was_here = 0;
	pid = sys_vfork();
	if (pid == 0) {
		sleep_ms(20);
		child_was_here = 1;
		SYS(exit, 12);
	}
	expect_eq("the child ran first, in this memory", child_was_here, 1);
	expect_status("its status", child_wait(pid), EXITED(12));
}

static void child_executes(void)
{
	char *argv[] = { self_path(), "second", NULL };
	volatile int moment_of_return;
	pid_t pid;

	child_was_here = 0;
	*shared = 0;
	pid = sys_vfork();
	if (pid == 0) {
		child_was_here = 2;
		SYS(execve, argv[0], argv, program_envp);
		SYS(exit, 1);
	}
	moment_of_return = child_was_here;
	expect_eq("the child ran first", moment_of_return, 2);
	expect_status("its status", child_wait(pid), EXITED(34));
}

static void child_is_killed(void)
{
	pid_t pid = sys_vfork();

	if (pid == 0)
		SYS(kill, self_pid(), SIGKILL);
	expect_status("killed before exec", child_wait(pid), KILLED(SIGKILL));
}

static void failed_exec(void)
{
	char *argv[] = { "/no/such/program", NULL };
	pid_t pid;

	child_was_here = 0;
	pid = sys_vfork();
	if (pid == 0) {
		child_was_here = (int)SYS(execve, argv[0], argv, program_envp);
		SYS(exit, 13);
	}
	expect_error("execve in the child", child_was_here, ENOENT);
	expect_status("its status", child_wait(pid), EXITED(13));
}

/* The parent's memory survives what the new program does with its own. */
static void many_times(void)
{
	char *argv[] = { self_path(), "second", NULL };
	unsigned good = 0;

	for (unsigned i = 0; i < 20; i++) {
		pid_t pid = sys_vfork();

		if (pid == 0) {
			SYS(execve, argv[0], argv, program_envp);
			SYS(exit, 1);
		}
		good += child_wait(pid) == EXITED(34);
	}
	expect_eq("20 programs", good, 20);
}

static const struct test_case cases[] = {
	{ "the child exits", child_exits },
	{ "the child executes a program", child_executes },
	{ "the child is killed", child_is_killed },
	{ "a failed exec in the child", failed_exec },
	{ "many times", many_times },
};

int main(int argc, char **argv, char **envp)
{
	(void)argv, (void)envp;
	if (argc > 1)
		return 34;
	shared = map_shared(PAGE);
	return RUN_CASES(cases);
}

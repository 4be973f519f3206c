/* SPDX-License-Identifier: MIT */
/*
 * How a process with several threads ends: by its last thread, by exit_group from any of
 * them, by a signal, by a fault in one of them, by execve from one of them.
 */
#include "user/lib/file.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

static struct thread threads[4];
static int *shared;

static void sleeps(void *unused)
{
	(void)unused;
	for (;;)
		SYS(pause);
}

static void spins(void *unused)
{
	(void)unused;
	for (;;)
		__asm__ volatile("pause");
}

/*
 * The kernel clears the leader's word when it ends (set_tid_address).  On Linux it counts as ended
 * by then; here it does when its number is gone, which Linux keeps until somebody waits for it.
 */
static void ends_late(void *leader)
{
	wait_for_value(leader, 0, 10);
	for (unsigned i = 0; i < 2000 && on_paranoid() && !SYS(tkill, self_pid(), 0); i++)
		sleep_ms(5);
	shared[0] = 1;
	SYS(exit, 3);
}

static int leader_ends_first(void *unused)
{
	static int leader;

	(void)unused;
	leader = (int)SYS(set_tid_address, &leader);
	thread_start(&threads[0], ends_late, &leader);
	SYS(exit, 9);
	return 1;
}

static void last_thread(void)
{
	shared[0] = 0;
	/* Until Linux 5.18 it was the leader's. */
	expect_status("its status counts", child_run(leader_ends_first, NULL), EXITED(3));
	expect_eq("after the last thread has run", shared[0], 1);
}

static void exits_group(void *unused)
{
	(void)unused;
	sys_exit(44);
}

static void executes(void *unused)
{
	char *argv[] = { self_path(), "after-exec", NULL };

	(void)unused;
	SYS(execve, argv[0], argv, program_envp);
	sys_exit(1);
}

static void faults(void *unused)
{
	(void)unused;
	page_fault();
}

/* Two that sleep, one that spins, and the one that matters. */
static int with_others(void *fn)
{
	thread_start(&threads[0], sleeps, NULL);
	thread_start(&threads[1], spins, NULL);
	thread_start(&threads[2], sleeps, NULL);
	shared[1] = self_pid();
	thread_start(&threads[3], (void (*)(void *))(uintptr_t)fn, NULL);
	sleeps(NULL);
	return 1;
}

static void others_end_too(void)
{
	expect_status("exit_group in a thread", child_run(with_others, (void *)exits_group),
		      EXITED(44));
	expect_status("a fault in a thread", child_run(with_others, (void *)faults),
		      KILLED(SIGSEGV));
	expect_status("execve in a thread", child_run(with_others, (void *)executes), EXITED(66));
}

static void killed_from_outside(void)
{
	pid_t pid;

	shared[1] = 0;
	pid = child_start(with_others, (void *)sleeps);
	wait_for_value(&shared[1], pid, 30);
	sleep_ms(5);
	SYS(kill, pid, SIGTERM);
	expect_status("SIGTERM ends all threads", child_wait(pid), KILLED(SIGTERM));
}

/* The new program: alone, with the id of the old process. */
static int after_exec(void)
{
	return self_pid() == SYS(gettid) ? 66 : 1;
}

static const struct test_case cases[] = {
	{ "the last thread ends the process", last_thread },
	{ "one thread ends all", others_end_too },
	{ "a signal ends all", killed_from_outside },
};

int main(int argc, char **argv, char **envp)
{
	(void)argv, (void)envp;
	if (argc > 1)
		return after_exec();
	shared = map_shared(PAGE);
	return RUN_CASES(cases);
}

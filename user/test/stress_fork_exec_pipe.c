/* SPDX-License-Identifier: MIT */
/*
 * Processes that fork, execute, talk through a pipe and exit, many at a time.
 *
 *	stress_fork_exec_pipe [AT_A_TIME [PROCESSES]]	default: 20 and 200
 *
 * A worker forks a child with a pipe to it; the child executes this program again, which
 * writes a pattern; the worker checks what arrives and the exit status.  Each of the two
 * counts as one process.  On Paranoid the free memory before and after is compared, too.
 */
#include <linux/sysinfo.h>
#include "user/lib/file.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define MESSAGE   1000
#define LEAF_EXIT 17

/* at_a_time: workers, of two processes each. */
static unsigned at_a_time = 10, processes = 200;

static char pattern(unsigned seed, unsigned i)
{
	return (char)(seed * 31 + i * 7);
}

/* The executed program: descriptor 1 is the pipe. */
static int leaf(const char *seed_text)
{
	unsigned seed = (unsigned)parse_number(seed_text);
	char buf[MESSAGE];

	for (unsigned i = 0; i < MESSAGE; i++)
		buf[i] = pattern(seed, i);
	put(buf, MESSAGE);
	return LEAF_EXIT;
}

static void exec_leaf(int pipe_end, unsigned seed)
{
	char text[16];
	char *argv[] = { self_path(), "leaf", text, NULL };

	format(text, sizeof(text), "%u", seed);
	SYS(dup2, pipe_end, 1);
	SYS(execve, argv[0], argv, program_envp);
	sys_exit(1);
}

/* 0, or what went wrong. */
static int worker(void *arg)
{
	unsigned seed = (unsigned)(unsigned long)arg, got = 0;
	char buf[MESSAGE + 1];
	int fds[2];
	pid_t pid;
	long n;

	if (SYS(pipe2, fds, O_CLOEXEC))
		return 2;
	pid = sys_fork();
	if (pid == 0)
		exec_leaf(fds[1], seed);
	if (pid < 0)
		return 3;
	SYS(close, fds[1]);
	while ((n = SYS(read, fds[0], buf + got, sizeof(buf) - got)) > 0)
		got += (unsigned)n;
	if (got != MESSAGE)
		return 4;
	for (unsigned i = 0; i < MESSAGE; i++)
		if (buf[i] != pattern(seed, i))
			return 5;
	return child_wait(pid) == EXITED(LEAF_EXIT) ? 0 : 6;
}

static unsigned wait_for_one(void)
{
	int status = 0;
	long pid = SYS(wait4, -1, &status, 0, NULL);

	if (pid > 0 && status == EXITED(0))
		return 0;
	fail("worker %ld ended with status 0x%x", pid, (unsigned)status);
	return 1;
}

/* Runs that many workers, at most together of them at the same time: the number that failed. */
static unsigned run_workers(unsigned workers, unsigned together)
{
	unsigned running = 0, bad = 0;

	for (unsigned i = 0; i < workers; i++) {
		if (running == together) {
			bad += wait_for_one();
			running--;
		}
		child_start(worker, (void *)(unsigned long)i);
		running++;
	}
	while (running--)
		bad += wait_for_one();
	return bad;
}

static long free_frames(void)
{
	struct sysinfo info = { .freeram = 0 };

	SYS(sysinfo, &info);
	return (long)((uint64_t)info.freeram * info.mem_unit / PAGE);
}

static void come_and_go(void)
{
	long before, after;

	/*
	 * The kernel keeps the pages of its heap and of its own page tables: more processes at the
	 * same time than later, so that what follows finds as much as it can ever need.
	 */
	run_workers(4 * at_a_time, at_a_time + at_a_time / 4 + 4);
	sleep_ms(100);
	before = free_frames();
	expect_eq("workers that failed", run_workers(processes / 2, at_a_time), 0);
	after = free_frames();
	/* The last ones' memory is freed a moment after they were reaped. */
	for (unsigned i = 0; i < 100 && on_paranoid() && after != before; i++) {
		sleep_ms(20);
		after = free_frames();
	}
	note("%u processes, %u workers at a time; free frames: %ld before, %ld after", processes,
	     at_a_time, before, after);
	if (on_paranoid())
		expect_eq("free frames", after, before);
	expect_error("no child is left", SYS(wait4, -1, NULL, WNOHANG, NULL), ECHILD);
}

static const struct test_case cases[] = {
	{ "processes come and go", come_and_go },
};

int main(int argc, char **argv, char **envp)
{
	(void)envp;
	if (argc == 3 && !strcmp(argv[1], "leaf"))
		return leaf(argv[2]);
	if (argc > 1)
		at_a_time = (unsigned)parse_number(argv[1]) / 2;
	if (argc > 2)
		processes = (unsigned)parse_number(argv[2]);
	if (!at_a_time)
		at_a_time = 1;
	return RUN_CASES(cases);
}

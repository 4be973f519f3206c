/* SPDX-License-Identifier: MIT */
/*
 * A system call that moves very many bytes does not keep its CPU from others, and a program that
 * is killed in the middle of it ends soon.
 */
#include "user/lib/clock.h"
#include "user/lib/file.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define HOLE    0x70000000ul	/* less than what one call moves at most */
#define LONG_NS 500000000

static int64_t now(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* Again and again, until killed. */
static int sends(void *unused)
{
	long from = sys_open("hole", O_RDONLY, 0), to = sys_open("/dev/null", O_WRONLY, 0);

	(void)unused;
	for (;;) {
		SYS(lseek, from, 0, 0);
		SYS(sendfile, to, from, NULL, HOLE);
	}
	return 0;
}

/* How long the parent, which only sleeps, waits for the CPU of both, and for the child's end. */
static int64_t longest_wait(void)
{
	pid_t pid = child_start(sends, NULL);
	int64_t start, end, worst = 0;

	for (unsigned i = 0; i < 10; i++) {
		start = now();
		sleep_ms(5);
		worst = now() - start > worst ? now() - start : worst;
	}
	start = now();
	SYS(kill, pid, SIGKILL);
	expect_status("killed in the middle", child_wait(pid), KILLED(SIGKILL));
	end = now() - start;
	note("5 ms took %ld us, the end %ld us", (long)(worst / 1000), (long)(end / 1000));
	return end > worst ? end : worst;
}

/* A busy host can take as long as that itself, but not each time. */
static void others_run(void)
{
	unsigned long one = 1;
	int64_t worst;

	SYS(sched_setaffinity, 0, sizeof(one), &one);
	worst = longest_wait();
	for (unsigned tries = 1; tries < 5 && worst >= LONG_NS; tries++)
		worst = longest_wait();
	expect_true("the sleeper woke up soon, and the end came soon", worst < LONG_NS);
}

static const struct test_case cases[] = {
	{ "sendfile of a large hole", others_run },
};

int main(int argc, char **argv, char **envp)
{
	int status;

	(void)argc, (void)argv, (void)envp;
	temp_enter();
	file_write("hole", "", 0, 0600);
	SYS(truncate, "hole", HOLE);
	status = RUN_CASES(cases);
	SYS(unlink, "hole");
	temp_leave();
	return status;
}

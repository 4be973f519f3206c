/* SPDX-License-Identifier: MIT */
/*
 * One descriptor table, used by several threads at the same time: a file that one of them closes
 * lives until the calls of the others on it are over.
 */
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define ROUNDS 20000

static volatile int number = -1, over;

static void uses(void *count)
{
	file_stat st;
	long err;

	while (!over) {
		err = sys_fstat(number, &st);
		if (err == 0)
			++*(volatile long *)count;
		else if (err != -EBADF)
			fail("fstat: %ld", err);
	}
}

static void closed_meanwhile(void)
{
	static struct thread threads[2];
	static long counts[2];
	int ends[2];

	for (unsigned i = 0; i < 2; i++)
		thread_start(&threads[i], uses, &counts[i]);
	for (unsigned i = 0; i < ROUNDS; i++) {
		if (SYS(pipe2, ends, 0))
			test_abort("pipe2", -1);
		number = ends[i % 2];
		SYS(close, ends[0]);
		SYS(close, ends[1]);
	}
	over = 1;
	for (unsigned i = 0; i < 2; i++)
		thread_join(&threads[i]);
	note("fstat found the file %ld and %ld times", counts[0], counts[1]);
}

static const struct test_case cases[] = {
	{ "a descriptor that another thread closes", closed_meanwhile },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

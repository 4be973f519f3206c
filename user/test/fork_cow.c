/* SPDX-License-Identifier: MIT */
/*
 * fork copies memory lazily: what either side writes later is its own; what both only read
 * stays equal; shared mappings stay shared; read-only ones stay read-only.  Chains of forks and
 * forks without any write are the cases where a reference count goes wrong.
 */
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define PAGES 64

static volatile int data_word = 1;
static volatile int bss_word;

struct memory {
	volatile unsigned char *private, *shared;
	volatile int *step;		/* in shared memory: takes turns */
};

static struct memory m;

static void fill(unsigned char value)
{
	for (unsigned i = 0; i < PAGES; i++)
		m.private[i * PAGE] = m.shared[i * PAGE] = value;
}

/* The number of pages whose first byte is not value. */
static int differ(volatile unsigned char *pages, unsigned char value)
{
	int n = 0;

	for (unsigned i = 0; i < PAGES; i++)
		n += pages[i * PAGE] != value;
	return n;
}

static int child_writes(void *unused)
{
	volatile int stack_word = 3;

	(void)unused;
	if (data_word != 1 || bss_word != 0 || differ(m.private, 1))
		return 2;
	fill(2);
	data_word = bss_word = stack_word = 9;
	return differ(m.private, 2) || stack_word != 9;
}

static void child_does_not_touch_parent(void)
{
	fill(1);
	expect_status("child", child_run(child_writes, NULL), EXITED(0));
	expect_eq("private pages changed in the parent", differ(m.private, 1), 0);
	expect_eq("shared pages that did not change", differ(m.shared, 2), 0);
	expect_eq("data", data_word, 1);
	expect_eq("bss", bss_word, 0);
}

static int child_waits_then_reads(void *unused)
{
	(void)unused;
	if (!wait_for_value(m.step, 1, 30))
		return 3;
	if (differ(m.private, 1))
		return 1;
	return differ(m.shared, 5) ? 2 : 0;
}

static void parent_does_not_touch_child(void)
{
	pid_t pid;

	fill(1);
	*m.step = 0;
	pid = child_start(child_waits_then_reads, NULL);
	fill(5);
	*m.step = 1;
	expect_status("child still sees the old private pages", child_wait(pid), EXITED(0));
}

/* Each generation changes one page more, then checks all, then has a child. */
static int generation(void *arg)
{
	long n = (long)arg;
	int status;

	for (long i = 0; i < n; i++)
		if (m.private[i * (long)PAGE] != (unsigned char)(i + 100))
			return 1;
	if (n == 20)
		return 0;
	m.private[n * (long)PAGE] = (unsigned char)(n + 100);
	status = child_run(generation, (void *)(n + 1));
	/* Nothing that descendants did may have come back. */
	for (long i = n + 1; i < PAGES; i++)
		if (m.private[i * (long)PAGE] != 1)
			return 2;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

static void deep_chain(void)
{
	fill(1);
	expect_status("20 generations", child_run(generation, NULL), EXITED(0));
	expect_eq("private pages changed in the first one", differ(m.private, 1), 0);
}

static int write_one(void *arg)
{
	*(volatile char *)arg = 1;
	return 0;
}

static int read_one(void *arg)
{
	return *(volatile char *)arg;
}

static void read_only_stays_read_only(void)
{
	char *page = map_private(PAGE);

	SYS(mprotect, page, PAGE, PROT_READ);
	expect_status("child reads", child_run(read_one, page), EXITED(0));
	expect_status("child writes", child_run(write_one, page), KILLED(SIGSEGV));
	SYS(mprotect, page, PAGE, PROT_READ | PROT_WRITE);
	expect_status("child writes after mprotect", child_run(write_one, page), EXITED(0));
	expect_eq("parent's page", *page, 0);
	*page = 7;
	expect_status("child reads what the parent wrote", child_run(read_one, page), EXITED(7));
	unmap(page, PAGE);
}

/* Both sides write the same pages again and again after many forks: each keeps its own. */
static int writes_own(void *arg)
{
	unsigned char value = (unsigned char)(long)arg;

	for (unsigned round = 0; round < 20; round++) {
		for (unsigned i = 0; i < PAGES; i++)
			m.private[i * PAGE] = value;
		SYS(sched_yield);
		if (differ(m.private, value))
			return 1;
	}
	return 0;
}

static void many_children_at_once(void)
{
	pid_t pids[12];
	int bad = 0;

	fill(1);
	for (unsigned i = 0; i < COUNT(pids); i++)
		pids[i] = child_start(writes_own, (void *)(long)(i + 10));
	if (writes_own((void *)200l))
		fail("the parent saw a child's write");
	for (unsigned i = 0; i < COUNT(pids); i++)
		bad += child_wait(pids[i]) != EXITED(0);
	expect_eq("children that saw a foreign write", bad, 0);
}

static const struct test_case cases[] = {
	{ "a child's writes are its own", child_does_not_touch_parent },
	{ "a parent's writes are its own", parent_does_not_touch_child },
	{ "a chain of forks", deep_chain },
	{ "read-only pages", read_only_stays_read_only },
	{ "many children write at once", many_children_at_once },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	m.private = map_private(PAGES * PAGE);
	m.shared = map_shared(PAGES * PAGE);
	m.step = map_shared(PAGE);
	return RUN_CASES(cases);
}

/* SPDX-License-Identifier: MIT */
/* Calls over large ranges of memory let others run (mlock(2), mincore(2)). */
#include "user/lib/test.h"

#define LARGE (256ul << 20)
#define ROUNDS 300

static volatile unsigned *turns;	/* shared: how often the other process went round */

static int go_round(void *unused)
{
	(void)unused;
	for (;;)
		++*turns;
}

static bool to_first_cpu(void)
{
	unsigned long mask[16] = { 0 };
	long n = SYS(sched_getaffinity, 0, sizeof(mask), mask);

	for (unsigned i = 0; n > 0 && i < COUNT(mask); i++) {
		if (mask[i]) {
			unsigned long lowest = mask[i] & -mask[i];

			memset(mask, 0, sizeof(mask));
			mask[i] = lowest;
			return !SYS(sched_setaffinity, 0, sizeof(mask), mask);
		}
	}
	return false;
}

/* What is read-only and untouched needs page tables, but no memory. */
static long lock_large(void)
{
	void *at = (void *)sys_mmap(NULL, LARGE, PROT_READ,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	unsigned before;
	long ret;

	SYS(madvise, at, LARGE, MADV_NOHUGEPAGE);
	before = *turns;
	ret = SYS(mlock, at, LARGE);
	if (!ret)
		ret = *turns != before;
	unmap(at, LARGE);
	return ret;
}

/*
 * Another process of the same CPU moves on during the call.  It may be over before the other's
 * turn comes, so it is made again until it is not; without a turn inside it never happens.
 */
static void mlock_lets_others_run(void)
{
	long ret = 0;
	pid_t other;

	turns = map_shared(PAGE);
	if (!to_first_cpu())
		test_abort("sched_setaffinity", 0);
	other = child_start(go_round, NULL);
	for (unsigned i = 0; i < ROUNDS && !ret; i++)
		ret = lock_large();
	SYS(kill, other, 9);
	child_wait(other);
	if (ret == -ENOMEM || ret == -EPERM)
		skip("not allowed to lock so much");
	else
		expect_eq("the other process ran during a call", ret, 1);
}

static void mlock_without_access(void)
{
	void *at = map_private(PAGE);

	SYS(mprotect, at, PAGE, PROT_NONE);
	expect_error("mlock of PROT_NONE", SYS(mlock, at, PAGE), ENOMEM);
	unmap(at, PAGE);
}

static const struct test_case cases[] = {
	{ "mlock of a large range lets others run", mlock_lets_others_run },
	{ "mlock of what cannot be accessed", mlock_without_access },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

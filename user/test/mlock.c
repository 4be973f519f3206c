/* SPDX-License-Identifier: MIT */
/* mlock: a large range lets others run, and what has no access cannot be locked (mlock(2)). */
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define LARGE (256ul << 20)
#define ROUNDS 100

static char *volatile range;
static volatile unsigned phase;		/* changes before each call, and before each unmapping */
static volatile bool done, seen;

static bool is_resident(const char *page)
{
	unsigned char byte = 0;

	return !SYS(mincore, page, PAGE, &byte) && (byte & 1);
}

/* The other thread.  In one phase, the first page is there and the last is not: inside a call. */
static void look_for_half(void *unused)
{
	(void)unused;
	while (!done) {
		unsigned before = phase;
		bool half = is_resident(range) && !is_resident(range + LARGE - PAGE);

		if (half && phase == before)
			seen = true;
	}
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

/* Read-only and untouched memory needs page tables, but no frames. */
static long lock_large(void)
{
	long ret;

	range = (char *)sys_mmap(NULL, LARGE, PROT_READ,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	SYS(madvise, range, LARGE, MADV_NOHUGEPAGE);
	phase++;
	ret = SYS(mlock, range, LARGE);
	phase++;
	unmap(range, LARGE);
	return ret;
}

/*
 * Both threads have the same CPU.  A call may be over before the other's turn comes, so it is made
 * again until it is not; if no turn can fall inside a call, that never happens.
 */
static void mlock_lets_others_run(void)
{
	struct thread other;
	long ret = 0;

	if (!to_first_cpu())
		test_abort("sched_setaffinity", 0);
	thread_start(&other, look_for_half, NULL);
	for (unsigned i = 0; i < ROUNDS && !seen && !ret; i++)
		ret = lock_large();
	done = true;
	thread_join(&other);
	if (ret == -ENOMEM || ret == -EPERM)
		skip("not on Linux: not allowed to lock so much");
	else
		expect_true("the other thread ran during a call", seen);
}

static void mlock_without_access(void)
{
	void *at = map_private(PAGE);

	SYS(mprotect, at, PAGE, PROT_NONE);
	expect_error("mlock of PROT_NONE", SYS(mlock, at, PAGE), ENOMEM);
	unmap(at, PAGE);
}

static const struct test_case cases[] = {
	{ "a large range lets others run", mlock_lets_others_run },
	{ "no access", mlock_without_access },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

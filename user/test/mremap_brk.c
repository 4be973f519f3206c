/* SPDX-License-Identifier: MIT */
/* Memory that changes its size: mremap in place and moving, and brk (mremap(2), brk(2)). */
#include "user/lib/test.h"

#define RW (PROT_READ | PROT_WRITE)
/* A length that leads out of any program. */
#define TOP (sizeof(long) == 8 ? 0x7ffffffff000ul : 0xffffc000ul)

static int reads(void *at)
{
	return *(volatile char *)at & 0;
}

static long remap(void *at, size_t old, size_t new, int flags, void *to)
{
	return SYS(mremap, at, old, new, flags, to);
}

static void shrink_and_grow(void)
{
	char *a = map_private(8 * PAGE);

	a[0] = 1;
	a[3 * PAGE] = 4;
	a[7 * PAGE] = 8;
	expect_hex("shrink", (unsigned long)remap(a, 8 * PAGE, 4 * PAGE, 0, NULL),
		   (unsigned long)a);
	expect_status("what was cut off", child_run(reads, a + 4 * PAGE), KILLED(SIGSEGV));
	expect_hex("grow where there is room", (unsigned long)remap(a, 4 * PAGE, 6 * PAGE, 0, NULL),
		   (unsigned long)a);
	expect_eq("old content", a[3 * PAGE], 4);
	expect_eq("new pages are zero", a[4 * PAGE], 0);
	unmap(a, 6 * PAGE);
}

static void shrink_over_several(void)
{
	char *a = map_private(6 * PAGE);

	SYS(mprotect, a + 2 * PAGE, 2 * PAGE, PROT_READ);
	unmap(a + 4 * PAGE, PAGE);
	expect_hex("from three mappings and a hole to a page",
		   (unsigned long)remap(a, 6 * PAGE, PAGE, 0, NULL), (unsigned long)a);
	expect_status("the page", child_run(reads, a), EXITED(0));
	expect_status("the next", child_run(reads, a + PAGE), KILLED(SIGSEGV));
	expect_status("the last", child_run(reads, a + 5 * PAGE), KILLED(SIGSEGV));
	unmap(a, PAGE);
	expect_error("from a hole", remap(a, 2 * PAGE, PAGE, 0, NULL), EFAULT);
}

static void no_room(void)
{
	char *a = map_private(4 * PAGE), *b;

	/* Read-only, so that it cannot become one mapping with what grows. */
	SYS(mprotect, a + 2 * PAGE, 2 * PAGE, PROT_READ);
	a[PAGE] = 9;
	expect_error("grow against a neighbour", remap(a, 2 * PAGE, 3 * PAGE, 0, NULL), ENOMEM);
	b = (char *)remap(a, 2 * PAGE, 100 * PAGE, MREMAP_MAYMOVE, NULL);
	if (!expect_ok("the same, moving", (long)b))
		return;
	expect_true("it moved", b != a);
	expect_eq("with its content", b[PAGE], 9);
	expect_eq("its last page", b[99 * PAGE], 0);
	expect_status("the old place is empty", child_run(reads, a), KILLED(SIGSEGV));
	unmap(b, 100 * PAGE);
	unmap(a + 2 * PAGE, 2 * PAGE);
}

static void to_a_fixed_place(void)
{
	char *a = map_private(2 * PAGE), *b = map_private(4 * PAGE);

	a[0] = 3;
	b[PAGE] = 5;
	expect_hex("over another mapping",
		   (unsigned long)remap(a, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
					b + PAGE),
		   (unsigned long)b + PAGE);
	expect_eq("the moved content", b[PAGE], 3);
	expect_eq("the neighbour", b[0], 0);
	unmap(b, 4 * PAGE);
}

static void refused(void)
{
	char *a = map_private(4 * PAGE);

	expect_error("not aligned", remap(a + 1, PAGE, PAGE, 0, NULL), EINVAL);
	expect_error("new length 0", remap(a, PAGE, 0, 0, NULL), EINVAL);
	expect_error("fixed without MAYMOVE", remap(a, PAGE, PAGE, MREMAP_FIXED, a), EINVAL);
	expect_error("shrinking what is not all the program's", remap(a, TOP, PAGE, 0, NULL),
		     EINVAL);
	expect_error("the same, to a fixed place",
		     remap(a + PAGE, TOP, PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, a), EINVAL);
	expect_error("onto itself", remap(a, 2 * PAGE, 2 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE,
					  a + PAGE), EINVAL);
	expect_error("unknown flags", remap(a, PAGE, PAGE, 0x100, NULL), EINVAL);
	unmap(a, 4 * PAGE);
	expect_error("shrinking what is not all the program's, of a hole",
		     remap(a, TOP, PAGE, 0, NULL), EFAULT);
	expect_error("of a hole", remap(a, PAGE, 2 * PAGE, MREMAP_MAYMOVE, NULL), EFAULT);
}

/* brk returns the end as it is afterwards: an error is a value that did not change. */
static void brk_moves(void)
{
	unsigned long start = (unsigned long)SYS(brk, 0), end;
	volatile char *at = (char *)((start + PAGE - 1) & -PAGE);

	expect_true("there is a heap", start >= PAGE);
	end = (unsigned long)SYS(brk, start + 40 * PAGE);
	expect_hex("40 pages more", end, start + 40 * PAGE);
	expect_eq("they are zero", at[30 * PAGE], 0);
	at[PAGE] = 1;
	at[30 * PAGE] = 2;
	expect_hex("20 pages less", (unsigned long)SYS(brk, start + 20 * PAGE), start + 20 * PAGE);
	expect_status("what was given back", child_run(reads, (void *)(at + 30 * PAGE)),
		      KILLED(SIGSEGV));
	expect_eq("what was kept", at[PAGE], 1);
	SYS(brk, start + 40 * PAGE);
	expect_eq("taken again, it is zero", at[30 * PAGE], 0);
	expect_hex("below the start: nothing changes", (unsigned long)SYS(brk, start - 64 * PAGE),
		   start + 40 * PAGE);
	expect_hex("into the kernel half: nothing changes", (unsigned long)SYS(brk, -PAGE),
		   start + 40 * PAGE);
	SYS(brk, start);
}

static int brk_in_child(void *start)
{
	return SYS(brk, (unsigned long)start + 8 * PAGE) != (long)start + (long)(8 * PAGE);
}

static void brk_and_fork(void)
{
	long start = SYS(brk, 0);

	expect_status("a child's brk", child_run(brk_in_child, (void *)start), EXITED(0));
	expect_hex("is its own", (unsigned long)SYS(brk, 0), (unsigned long)start);
}

static const struct test_case cases[] = {
	{ "mremap in place", shrink_and_grow },
	{ "mremap over several mappings", shrink_over_several },
	{ "mremap without room", no_room },
	{ "mremap to a fixed place", to_a_fixed_place },
	{ "mremap refuses", refused },
	{ "brk", brk_moves },
	{ "brk and fork", brk_and_fork },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

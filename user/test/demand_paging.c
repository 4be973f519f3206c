/* SPDX-License-Identifier: MIT */
/*
 * Memory that appears when it is touched: bss, anonymous mappings, the stack down to its limit;
 * and what ends the process instead (mmap(2), getrlimit(2): RLIMIT_STACK is 8 MiB).
 */
#include "user/lib/test.h"

#define BSS_PAGES 300
#define BIG (512ul << 20)

static char bss[BSS_PAGES * PAGE];
static const char constant[] = "constant";

static void bss_is_zero(void)
{
	unsigned wrong = 0;

	for (unsigned i = 0; i < sizeof(bss); i += 64)
		wrong += bss[i] != 0;
	expect_eq("bytes of bss that are not 0", wrong, 0);
	for (unsigned i = 0; i < BSS_PAGES; i++)
		bss[i * PAGE + i] = (char)i;
	for (unsigned i = 0; i < BSS_PAGES; i++)
		wrong += bss[i * PAGE + i] != (char)i;
	expect_eq("pages that lost what was written", wrong, 0);
}

/* Much more than the machine has, and only a few pages of it used. */
static void sparse_mapping(void)
{
	long ret = sys_mmap(NULL, BIG, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	volatile char *at = (char *)ret;
	unsigned wrong = 0;

	if (!expect_ok("mmap of 512 MiB", ret))
		return;
	for (unsigned long i = 0; i < BIG; i += BIG / 64) {
		wrong += at[i] != 0;
		at[i + 7] = 1;
		wrong += at[i + 6] != 0 || at[i + 7] != 1;
	}
	expect_eq("wrong bytes", wrong, 0);
	unmap((void *)ret, BIG);
}

/* Reading first, then writing: the page of zeros must not be written. */
static void read_then_write(void)
{
	volatile char *a = map_private(16 * PAGE), *b = map_private(16 * PAGE);
	unsigned wrong = 0;

	for (unsigned i = 0; i < 16; i++)
		wrong += a[i * PAGE] || b[i * PAGE];
	for (unsigned i = 0; i < 16; i++)
		a[i * PAGE] = 9;
	for (unsigned i = 0; i < 16; i++)
		wrong += a[i * PAGE] != 9 || b[i * PAGE] != 0;
	expect_eq("wrong bytes", wrong, 0);
	unmap((void *)a, 16 * PAGE);
	unmap((void *)b, 16 * PAGE);
}

/* Touches the stack downwards, a page at a time. */
static int uses_stack(void *kib)
{
	volatile char *sp = __builtin_frame_address(0);

	for (unsigned long used = 0; used < (unsigned long)kib * 1024; used += PAGE)
		sp[-(long)used] = 1;
	return 0;
}

/* Jumps down at once: the pages between are not touched. */
static int touches_stack_at(void *kib)
{
	volatile char *sp = __builtin_frame_address(0);

	sp[-(long)kib * 1024] = 1;
	return 0;
}

static int recurses(void *left)
{
	volatile char frame[512];

	frame[0] = 1;
	return (long)left ? recurses((void *)((long)left - 1)) + (frame[0] - 1) : 0;
}

static void stack_grows(void)
{
	expect_status("7.5 MiB page by page", child_run(uses_stack, (void *)7680l), EXITED(0));
	expect_status("recursion to 5 MiB", child_run(recurses, (void *)10000l), EXITED(0));
	expect_status("4 MiB at once", child_run(touches_stack_at, (void *)4096l), EXITED(0));
	expect_status("beyond the limit, page by page", child_run(uses_stack, (void *)16384l),
		      KILLED(SIGSEGV));
	expect_status("endless recursion", child_run(recurses, (void *)1000000l), KILLED(SIGSEGV));
}

static int reads(void *at)
{
	return *(volatile char *)at & 0;
}

static int writes(void *at)
{
	*(volatile char *)at = 1;
	return 0;
}

static int executes(void *at)
{
	((void (*)(void))(uintptr_t)at)();
	return 0;
}

/* A mapping that grows down to 7 pages above another one, whose protection decides. */
static void growth_towards_a_neighbour(void)
{
	char *low = map_private(16 * PAGE), *grows = low + 12 * PAGE;

	unmap(low + 4 * PAGE, 12 * PAGE);
	sys_mmap(grows, PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1, 0);
	expect_status("towards memory in use", child_run(writes, low + 11 * PAGE),
		      KILLED(SIGSEGV));
	SYS(mprotect, low, 4 * PAGE, PROT_NONE);
	expect_status("towards a guard area", child_run(writes, low + 11 * PAGE), EXITED(0));
	expect_status("into it", child_run(writes, low + 3 * PAGE), KILLED(SIGSEGV));
	unmap(low, 13 * PAGE);
}

static void what_ends_the_process(void)
{
	static char data[16] = { (char)0xc3 };
	char *hole = map_before_hole(PAGE);
	char *stack = __builtin_frame_address(0);

	expect_status("read of page 0", child_run(reads, (void *)0), KILLED(SIGSEGV));
	expect_status("write behind the last page", child_run(writes, hole + PAGE),
		      KILLED(SIGSEGV));
	expect_status("the last byte before it", child_run(writes, hole + PAGE - 1), EXITED(0));
	expect_status("read in the kernel half", child_run(reads, (void *)-4096l), KILLED(SIGSEGV));
	expect_status("write of a constant", child_run(writes, (void *)(uintptr_t)constant),
		      KILLED(SIGSEGV));
	expect_status("write of code", child_run(writes, (void *)(uintptr_t)writes),
		      KILLED(SIGSEGV));
	expect_status("execution of data", child_run(executes, data), KILLED(SIGSEGV));
	expect_status("execution of the stack", child_run(executes, stack), KILLED(SIGSEGV));
	expect_status("execution of an unmapped page", child_run(executes, hole + PAGE),
		      KILLED(SIGSEGV));
	unmap(hole, PAGE);
}

static const struct test_case cases[] = {
	{ "bss", bss_is_zero },
	{ "a sparse mapping", sparse_mapping },
	{ "reading, then writing", read_then_write },
	{ "the stack grows", stack_grows },
	{ "growth towards a neighbour", growth_towards_a_neighbour },
	{ "what ends the process", what_ends_the_process },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

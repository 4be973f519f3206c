/* SPDX-License-Identifier: MIT */
/*
 * arch_prctl and the FS and GS bases (spec R1.10, R1.11, R3.2, 3.5): setting makes the selector
 * null, addresses beyond the user half are refused without any change, and a base survives sleep,
 * preemption and fork, but not exec.  Holds with and without FSGSBASE.
 */
#include "user/lib/fsgs.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

static unsigned long marks[2] = { 0x1111222233334444, 0x5555666677778888 };

static const unsigned long good_bases[] = {
	0, 1, 0x1000, 0xfffff000, 0xffffffff, 0x100000000, 0x123456789000, 0x7fffffffefff,
};

static const unsigned long refused_bases[] = {
	0x100000000000000, 0x8000000000000000, 0xffff800000000000, 0xffffffff81000000,
	0xffffffffffffffff,
};

static void set_and_get(void)
{
	char what[40];

	for (unsigned i = 0; i < COUNT(good_bases); i++) {
		format(what, sizeof(what), "base 0x%lx", good_bases[i]);
		write_fs(0x2b);
		write_gs(0x2b);
		expect_eq(what, SYS(arch_prctl, ARCH_SET_FS, good_bases[i]), 0);
		SYS(arch_prctl, ARCH_SET_GS, good_bases[i]);
		expect_hex("ARCH_GET_FS", kernel_fs_base(), good_bases[i]);
		expect_hex("ARCH_GET_GS", kernel_gs_base(), good_bases[i]);
		expect_hex("fs and gs selectors", read_fs() | read_gs(), 0);
	}
}

static void refuse(unsigned long base)
{
	char what[40];

	format(what, sizeof(what), "base 0x%lx", base);
	expect_error(what, SYS(arch_prctl, ARCH_SET_FS, base), EPERM);
	expect_error("the same for GS", SYS(arch_prctl, ARCH_SET_GS, base), EPERM);
}

static void refused(void)
{
	SYS(arch_prctl, ARCH_SET_FS, 0x1000);
	SYS(arch_prctl, ARCH_SET_GS, 0x2000);
	refuse(user_end());
	refuse(user_end() + PAGE - 1);
	refuse(user_end() + PAGE);
	for (unsigned i = 0; i < COUNT(refused_bases); i++)
		refuse(refused_bases[i]);
	expect_hex("FS base afterwards", kernel_fs_base(), 0x1000);
	expect_hex("GS base afterwards", kernel_gs_base(), 0x2000);
	expect_error("unknown code", SYS(arch_prctl, 0x1099, 0), EINVAL);
	expect_error("result at a bad address", SYS(arch_prctl, ARCH_GET_FS, 16), EFAULT);
}

/* The base is really what instructions use. */
static bool through_segments(void)
{
	unsigned long f, g;

	__asm__ volatile("mov %%fs:0, %0; mov %%gs:0, %1" : "=r"(f), "=r"(g));
	return f == marks[0] && g == marks[1];
}

static void point_to_marks(void)
{
	SYS(arch_prctl, ARCH_SET_FS, &marks[0]);
	SYS(arch_prctl, ARCH_SET_GS, &marks[1]);
}

static int look(void *unused)
{
	(void)unused;
	return !through_segments();
}

static void survives(void)
{
	point_to_marks();
	expect_true("at once", through_segments());
	SYS(sched_yield);
	expect_true("after sched_yield", through_segments());
	sleep_ms(5);
	expect_true("after a sleep", through_segments());
	expect_status("in a child", child_run(look, NULL), EXITED(0));
	expect_true("after a child has run", through_segments());
}

static volatile int *stop;

/* Processes with different bases on every CPU; each looks again and again. */
static int spins_with_base(void *number)
{
	unsigned long fs = 0x10000000000 + (unsigned long)number * 0x1000, gs = fs + 0x800000000;
	unsigned long bad = 0;

	SYS(arch_prctl, ARCH_SET_FS, fs);
	SYS(arch_prctl, ARCH_SET_GS, gs);
	while (!*stop) {
		for (volatile int i = 0; i < 20000; i++)
			;
		bad += kernel_fs_base() != fs || kernel_gs_base() != gs;
	}
	return bad != 0;
}

static void preempted(void)
{
	pid_t pids[6];
	unsigned bad = 0;

	*stop = 0;
	for (unsigned long i = 0; i < COUNT(pids); i++)
		pids[i] = child_start(spins_with_base, (void *)i);
	sleep_ms(300);
	*stop = 1;
	for (unsigned i = 0; i < COUNT(pids); i++)
		bad += child_wait(pids[i]) != EXITED(0);
	expect_eq("processes that saw a foreign base", bad, 0);
}

/* Without FSGSBASE a kernel may forget that a null selector was loaded (A4): only 0 counts. */
static void load_of_a_descriptor(void)
{
	SYS(arch_prctl, ARCH_SET_GS, 0);
	write_gs(0x2b);
	sleep_ms(2);
	expect_hex("flat user data segment", kernel_gs_base(), 0);
	expect_hex("its selector stays", read_gs(), 0x2b);
	write_gs(0);
}

static const struct test_case cases[] = {
	{ "set and get", set_and_get },
	{ "refused bases", refused },
	{ "a base survives", survives },
	{ "many processes with their own bases", preempted },
	{ "loading a descriptor", load_of_a_descriptor },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	stop = map_shared(PAGE);
	return RUN_CASES(cases);
}

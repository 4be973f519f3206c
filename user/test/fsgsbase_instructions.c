/* SPDX-License-Identifier: MIT */
/*
 * RDFSBASE, RDGSBASE, WRFSBASE and WRGSBASE in ring 3 (spec R1.3, R1.5, R1.6, R1.11, R1.12,
 * R3.3, R3.8, table 1.3: A1, A2, A5).  With the feature off each case shows that there is no way to
 * do what it is about: the instruction is invalid.
 */
#include "user/lib/fsgs.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

/* clang-format off */
static int do_rdfsbase(void *unused) { (void)unused; return (int)rdfsbase() & 0; }
static int do_rdgsbase(void *unused) { (void)unused; return (int)rdgsbase() & 0; }
static int do_wrfsbase(void *value) { wrfsbase((unsigned long)value); return 0; }
static int do_wrgsbase(void *value) { wrgsbase((unsigned long)value); return 0; }
/* clang-format on */

/* With the feature off: shows that it is, and the caller has nothing more to show. */
static bool is_off(child_fn *instruction, void *argument)
{
	if (have_fsgsbase())
		return false;
	expect_status("FSGSBASE is off: the instruction", child_run(instruction, argument),
		      KILLED(SIGILL));
	return true;
}

static void enabled_or_invalid(void)
{
	int want = have_fsgsbase() ? EXITED(0) : KILLED(SIGILL);

	note("AT_HWCAP2 says %s", have_fsgsbase() ? "on" : "off");
	expect_status("RDFSBASE", child_run(do_rdfsbase, NULL), want);
	expect_status("RDGSBASE", child_run(do_rdgsbase, NULL), want);
	expect_status("WRFSBASE", child_run(do_wrfsbase, NULL), want);
	expect_status("WRGSBASE", child_run(do_wrgsbase, NULL), want);
}

static const unsigned long bases[] = { 0, 1, 0xffffffff, 0x100000000, 0x7fffffffffff,
				       0xffff800000000000, 0xffffffffffffffff };

static void values(void)
{
	char what[40];

	if (is_off(do_wrfsbase, (void *)bases[3]))
		return;
	for (unsigned i = 0; i < COUNT(bases); i++) {
		format(what, sizeof(what), "base 0x%lx", bases[i]);
		wrfsbase(bases[i]);
		wrgsbase(bases[i]);
		expect_hex(what, rdfsbase(), bases[i]);
		expect_hex("GS", rdgsbase(), bases[i]);
		expect_hex("the kernel agrees on FS", kernel_fs_base(), bases[i]);
		expect_hex("and on GS", kernel_gs_base(), bases[i]);
		sleep_ms(1);
		expect_hex("after a sleep, FS", rdfsbase(), bases[i]);
		expect_hex("after a sleep, GS", rdgsbase(), bases[i]);
	}
	wrfsbase(0);
	wrgsbase(0);
}

static int do_narrow(void *unused)
{
	(void)unused;
	__asm__ volatile("wrgsbase %k0" : : "r"(0xdeadbeefcafebabe));
	return 0;
}

static void narrow_forms(void)
{
	unsigned long v = ~0ul;

	if (is_off(do_narrow, NULL))
		return;
	wrgsbase(0x123456789abc);
	__asm__ volatile("rdgsbase %k0" : "+r"(v));
	expect_hex("a 32-bit read extends with zeros", v, 0x56789abc);
	do_narrow(NULL);
	expect_hex("a 32-bit write clears the high half", rdgsbase(), 0xcafebabe);
	wrgsbase(0);
}

static void non_canonical(void)
{
	int status;

	if (is_off(do_wrgsbase, (void *)0x4000000000000000))
		return;
	status = child_run(do_wrgsbase, (void *)0x4000000000000000);
	if (status == EXITED(0))
		return skip("this CPU accepts a non-canonical base (QEMU's TCG does)");
	expect_status("WRGSBASE", status, KILLED(SIGSEGV));
	expect_status("WRFSBASE", child_run(do_wrfsbase, (void *)0x4000000000000000),
		      KILLED(SIGSEGV));
}

static int inherits(void *base)
{
	return !(rdgsbase() == (unsigned long)base && read_gs() == 0x2b);
}

/* A base that does not belong to the selector: hardware allows it, so it must be kept. */
static void override(void)
{
	static const unsigned long odd[] = { 1, 0x200000000, 0xffffffffffffffff };

	if (is_off(do_wrgsbase, (void *)0x200000000))
		return;
	for (unsigned i = 0; i < COUNT(odd); i++) {
		write_gs(0x2b);
		wrgsbase(odd[i]);
		sleep_ms(1);
		expect_hex("base after a sleep", rdgsbase(), odd[i]);
		expect_hex("selector after a sleep", read_gs(), 0x2b);
		expect_status("a child inherits both", child_run(inherits, (void *)odd[i]),
			      EXITED(0));
	}
	write_gs(0);
	expect_hex("loading null clears the base", rdgsbase() | kernel_gs_base(), 0);
}

/*
 * R1.12: some CPUs keep the base when a null selector is loaded.  What the kernel says is what the
 * instruction finds, whether or not the thread was off the CPU meanwhile.
 */
static void null_after_a_base(void)
{
	if (is_off(do_rdgsbase, NULL))
		return;
	for (unsigned away = 0; away < 2; away++) {
		SYS(arch_prctl, ARCH_SET_GS, 0x200000000);
		write_gs(0);
		if (away)
			sleep_ms(1);
		expect_hex(away ? "base after a switch" : "base", kernel_gs_base(), rdgsbase());
		expect_eq("selector", read_gs(), 0);
	}
	SYS(arch_prctl, ARCH_SET_GS, 0);
}

static volatile int *stop;

static int spins_with_base(void *base)
{
	unsigned long fs = (unsigned long)base, gs = ~fs & ~0xffful;
	unsigned long bad = 0;

	wrfsbase(fs);
	wrgsbase(gs);
	while (!*stop) {
		for (unsigned i = 0; i < 20000; i++)
			bad += rdfsbase() != fs || rdgsbase() != gs;
		SYS(getppid);
	}
	return bad != 0;
}

static void preempted(void)
{
	pid_t pids[6];
	unsigned bad = 0;

	if (is_off(do_wrgsbase, (void *)1))
		return;
	*stop = 0;
	for (unsigned long i = 0; i < COUNT(pids); i++)
		pids[i] = child_start(spins_with_base, (void *)(0x100000000 * (i + 1) + i));
	sleep_ms(300);
	*stop = 1;
	for (unsigned i = 0; i < COUNT(pids); i++)
		bad += child_wait(pids[i]) != EXITED(0);
	expect_eq("processes that saw a foreign base", bad, 0);
}

static const struct test_case cases[] = {
	{ "enabled, or invalid", enabled_or_invalid },
	{ "values", values },
	{ "32-bit forms", narrow_forms },
	{ "non-canonical values", non_canonical },
	{ "a base that does not belong to the selector", override },
	{ "a null selector after a base", null_after_a_base },
	{ "many processes with their own bases", preempted },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	stop = map_shared(PAGE);
	return RUN_CASES(cases);
}

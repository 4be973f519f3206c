/* SPDX-License-Identifier: MIT */
/*
 * A user GS base that looks like the kernel's (spec R1.13, R1.14).  With FSGSBASE ring 3 can load
 * any canonical value, so the kernel may conclude nothing from it.  With each value: system calls
 * by both doors, page faults, exceptions, sleep and preemption; the value must still be there
 * afterwards, and everything else must work as ever.
 *
 * Without FSGSBASE only values below the user limit can be set, by arch_prctl.
 */
#include "user/lib/fsgs.h"
#include "user/lib/regs.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

static const unsigned long bases[] = {
	0, 1, 0x7fffffffffff, 0x200000000,
	0xffffffffffffffff, 0xffff800000000000, 0xffffffff80000000, 0xffffffff81000000,
	0xffff888000000000, 0xffffc90000000000, 0xfffffe0000000000,
};

static bool set_base(unsigned long base)
{
	if (have_fsgsbase()) {
		wrgsbase(base);
		return true;
	}
	return SYS(arch_prctl, ARCH_SET_GS, base) == 0;
}

static unsigned long get_base(void)
{
	return have_fsgsbase() ? rdgsbase() : kernel_gs_base();
}

static unsigned long base_now;

static void check(const char *after)
{
	unsigned long now = get_base();

	if (now != base_now)
		fail("base 0x%lx, after %s: got 0x%lx", base_now, after, now);
}

static void system_calls(void)
{
	struct regs in = { .ax = 20, .flags = 0x202 }, out;
	pid_t pid = self_pid();
	unsigned wrong = 0;

	for (unsigned i = 0; i < 200; i++) {
		wrong += self_pid() != pid;
		regs_int80(&in, &out);
		wrong += (pid_t)out.ax != pid;
	}
	if (wrong)
		fail("base 0x%lx: %u wrong results of getpid", base_now, wrong);
	check("system calls");
	if (SYS(getcwd, 16, 100) != -EFAULT)
		fail("base 0x%lx: getcwd at a bad address", base_now);
	check("a fault inside a system call");
}

static void page_faults(void)
{
	volatile char *at = map_private(64 * PAGE);

	for (unsigned i = 0; i < 64; i++)
		at[i * PAGE] = 1;
	check("page faults");
	unmap((void *)at, 64 * PAGE);
}

#define FAULT(name, ...)                                                                           \
	static int name(void *unused)                                                              \
	{                                                                                          \
		(void)unused;                                                                      \
		__asm__ volatile(__VA_ARGS__);                                                     \
		return 0;                                                                          \
	}

FAULT(breakpoint, "int3")
FAULT(invalid, "ud2")
FAULT(protection, "hlt")
FAULT(divide, "xor %%ecx, %%ecx; div %%ecx" ::: "eax", "ecx", "edx")
FAULT(page, "movb $1, (%0)" ::"r"(16ul) : "memory")
FAULT(gs_access, "mov %%gs:0, %%rax" ::: "rax")
FAULT(step, "pushf; orl $0x100, (%%rsp); popf; nop; nop" ::: "memory")

static const struct {
	child_fn *run;
	int signal;
} faults[] = {
	{ breakpoint, SIGTRAP }, { invalid, SIGILL }, { protection, SIGSEGV },
	{ divide, SIGFPE }, { page, SIGSEGV }, { step, SIGTRAP },
};

/* The children inherit the base, so they have their exception with it. */
static void exceptions(void)
{
	for (unsigned i = 0; i < COUNT(faults); i++) {
		int status = child_run(faults[i].run, NULL);

		if (status != KILLED(faults[i].signal))
			fail("base 0x%lx: expected signal %d, got status 0x%x", base_now,
			     faults[i].signal, (unsigned)status);
	}
	check("children with exceptions");
	if (base_now >= 0x800000000000) {
		int status = child_run(gs_access, NULL);

		if (status != KILLED(SIGSEGV))
			fail("base 0x%lx: access to %%gs:0 gave status 0x%x", base_now,
			     (unsigned)status);
	}
}

static void sleeping(void)
{
	sleep_ms(1);
	check("a sleep");
	SYS(sched_yield);
	check("sched_yield");
}

static void quiet_cases(void)
{
	for (unsigned i = 0; i < COUNT(bases); i++) {
		base_now = bases[i];
		if (!set_base(base_now)) {
			note("base 0x%lx: cannot be set without FSGSBASE", base_now);
			continue;
		}
		check("setting it");
		system_calls();
		page_faults();
		exceptions();
		sleeping();
		note("base 0x%lx: calls, page faults, exceptions, sleep", base_now);
	}
	set_base(0);
}

static volatile int *stop;

/* Spins in ring 3, so that interrupts arrive with the base loaded. */
static int spins(void *base)
{
	unsigned long bad = 0;

	base_now = (unsigned long)base;
	if (!set_base(base_now))
		return 0;
	while (!*stop) {
		for (volatile int i = 0; i < 50000; i++)
			;
		bad += get_base() != base_now;
	}
	return bad != 0;
}

static void interrupts(void)
{
	pid_t pids[COUNT(bases)];

	*stop = 0;
	for (unsigned i = 0; i < COUNT(bases); i++)
		pids[i] = child_start(spins, (void *)bases[i]);
	sleep_ms(500);
	*stop = 1;
	for (unsigned i = 0; i < COUNT(bases); i++) {
		int status = child_wait(pids[i]);

		if (status != EXITED(0))
			fail("base 0x%lx: status 0x%x", bases[i], (unsigned)status);
	}
	note("%u processes were preempted with their bases", (unsigned)COUNT(bases));
}

static const struct test_case cases[] = {
	{ "calls, faults and exceptions", quiet_cases },
	{ "interrupts and preemption", interrupts },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	stop = map_shared(PAGE);
	return RUN_CASES(cases);
}

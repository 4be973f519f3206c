/* SPDX-License-Identifier: MIT */
/*
 * sigreturn to states that cannot be: the process gets a signal whose frame shows what was tried,
 * never anything worse (spec R2.12, R6.14, R12.1, R12.2).
 */
#include "user/lib/handler.h"
#include "user/lib/regs.h"
#include "user/lib/test.h"

#define ALT_SIZE (64 * 1024)

static struct {
	bool on;
	uint16_t cs, ss;
	unsigned long ip, flags, uc_flags_clear;
	bool set_cs, set_ss, set_ip, set_flags, sysret_like;
} plan;

static struct {
	int signo, code;
	unsigned calls;
	unsigned long ip, cs, ss, trapno, err, ax;
} seen;

static struct ucontext saved;

/* The first signal: bends the frame. */
static void bend(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info;
	saved = *uc;
	if (plan.set_cs)
		uc->uc_mcontext.cs = plan.cs;
	if (plan.set_ss)
		uc->uc_mcontext.ss = plan.ss;
	if (plan.set_ip)
		REG(uc, ip) = plan.ip;
	if (plan.set_flags)
		REG_FLAGS(uc) = plan.flags;
#ifdef __x86_64__
	if (plan.sysret_like) {
		REG(uc, cx) = REG(uc, ip);
		uc->uc_mcontext.r11 = REG_FLAGS(uc);
	}
#endif
	uc->uc_flags &= ~plan.uc_flags_clear;
	plan.on = false;
}

/* The second: notes what was tried, and goes on where the first one came from. */
static void recover(int signo, siginfo_t *info, struct ucontext *uc)
{
	seen.calls++;
	seen.signo = signo;
	seen.code = info->si_code;
	seen.ip = REG(uc, ip);
	seen.cs = uc->uc_mcontext.cs;
	seen.ss = uc->uc_mcontext.ss;
	seen.trapno = uc->uc_mcontext.trapno;
	seen.err = uc->uc_mcontext.err;
	uc->uc_mcontext = saved.uc_mcontext;
	uc->uc_flags = saved.uc_flags;
}

static void set_up(void)
{
	static char *stack;

	if (!stack)
		stack = map_private(ALT_SIZE);
	set_altstack(stack, ALT_SIZE, 0);
	handle(SIGUSR1, bend, 0);
	handle(SIGSEGV, recover, SA_ONSTACK);
	handle(SIGBUS, recover, SA_ONSTACK);
	handle(SIGTRAP, recover, SA_ONSTACK);
	handle(SIGILL, recover, SA_ONSTACK);
	memset(&seen, 0, sizeof(seen));
	memset(&plan, 0, sizeof(plan));
}

static void go(void)
{
	SYS(kill, self_pid(), SIGUSR1);
}

#ifdef __x86_64__
#define GOOD_CS 0x33
#define OTHER_CS 0x23
#else
#define GOOD_CS 0x23
#define OTHER_CS 0x33
#endif

static void expect_bad_selector(const char *what, uint16_t cs, uint16_t ss, unsigned err)
{
	set_up();
	plan.set_cs = plan.set_ss = true;
	plan.cs = cs;
	plan.ss = ss;
	go();
	note("%s: CS %x, SS %x", what, cs, ss);
	expect_eq("  signals", seen.calls, 1);
	expect_true("  SIGSEGV or SIGBUS", seen.signo == SIGSEGV || seen.signo == SIGBUS);
	expect_hex("  CS tried", seen.cs, cs | 3u);
	expect_hex("  SS tried", seen.ss, ss | 3u);
	/* A double fault has lost it where SS is a segment of the LDT (spec 2.7). */
	expect_hex("  error code: the selector", seen.err & 0xfffc, ss & 4 ? 0 : err);
	expect_hex("  IP tried", seen.ip, REG(&saved, ip));
}

static void bad_selectors(void)
{
	static const uint16_t bad[] = { 0x10, 0x18, 0x2b, 0x43, 0x7b,
					0x83, 0xfff8, 0x07, 0x0f, 0xc3 };

	for (unsigned i = 0; i < COUNT(bad); i++)
		expect_bad_selector("bad CS", bad[i], 0x2b, bad[i] & 0xfffcu);
	expect_bad_selector("kernel's data as SS", GOOD_CS, 0x18, 0x18);
	expect_bad_selector("code as SS", GOOD_CS, 0x33, 0x30);
	expect_bad_selector("code as SS", GOOD_CS, 0x23, 0x20);
	expect_bad_selector("nothing as SS", GOOD_CS, 0xfff8, 0xfff8);
	expect_bad_selector("LDT without LDT as SS", GOOD_CS, 0x07, 0);
	expect_bad_selector("TSS as SS", GOOD_CS, 0x43, 0x40);
	expect_bad_selector("null CS", 0, 0x2b, 0);
}

#ifdef __x86_64__
static unsigned read_ss(void)
{
	unsigned ss;

	__asm__ volatile("mov %%ss, %0" : "=r"(ss));
	return ss & 0xffff;
}

/* An old program: no UC_STRICT_RESTORE_SS, garbage in what used to be padding. */
static void lenient_ss(void)
{
	static const uint16_t garbage[] = { 0, 3, 0x18, 0x33, 0x1234, 0xffff };

	for (unsigned i = 0; i < COUNT(garbage); i++) {
		set_up();
		plan.uc_flags_clear = UC_STRICT_RESTORE_SS;
		plan.set_ss = true;
		plan.ss = garbage[i];
		go();
		expect_eq("signals", seen.calls, 0);
		expect_hex("SS", read_ss(), 0x2b);
	}
	set_up();
	plan.set_ss = true;
	plan.ss = 0x28;
	go();
	expect_hex("RPL is forced", read_ss(), 0x2b);
}

/* RIP = 1 << i, RCX and R11 as SYSRET would have them: #GP must not come in ring 0 (R6.14). */
static void powers_of_two(void)
{
	for (unsigned i = 47; i < 64; i++) {
		bool mappable = 1ul << i < user_end();

		set_up();
		plan.set_ip = plan.sysret_like = true;
		plan.ip = 1ul << i;
		go();
		if (seen.signo != SIGSEGV || seen.ip != plan.ip || seen.calls != 1)
			fail("RIP 1 << %u: expected SIGSEGV, got signal %d at 0x%lx, %u times",
			     i, seen.signo, seen.ip, seen.calls);
		if (!mappable && i < 63 && seen.trapno != 13 && seen.trapno != 14)
			fail("RIP 1 << %u: expected trap 13, got %lu", i, seen.trapno);
	}
	note("17 addresses");
}

static void end_of_user_space(void)
{
	unsigned long end = user_end();

	for (unsigned long ip = end - 2; ip < end + 8192; ip += 1023) {
		set_up();
		plan.set_ip = plan.sysret_like = true;
		plan.ip = ip;
		go();
		if (seen.signo != SIGSEGV || seen.ip != ip)
			fail("RIP 0x%lx: expected SIGSEGV there, got signal %d at 0x%lx", ip,
			     seen.signo, seen.ip);
	}
}
#endif

/* Only some bits come from the frame: not IF, IOPL, NT, VM, VIF, VIP, ID. */
static void flags_mask(void)
{
	unsigned long ours = FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF | FLAG_DF |
			     FLAG_AC;
	unsigned long flags;
	struct regs in = { .flags = FLAG_FIXED | FLAG_IF }, out;

	for (unsigned round = 0; round < 2; round++) {
		set_up();
		plan.set_flags = true;
		plan.flags = round ? ~FLAG_TF : 0;
		in.ax = __NR_kill;
#ifdef __x86_64__
		in.di = (unsigned long)self_pid(), in.si = SIGUSR1;
		regs_syscall(&in, &out);
#else
		in.bx = (unsigned long)self_pid(), in.cx = SIGUSR1;
		regs_int80(&in, &out);
#endif
		__asm__ volatile("cld; push %0; popf" : : "r"(in.flags) : "memory", "cc");
		flags = out.flags & ~FLAG_IF;
		expect_eq("signals", seen.calls, 0);
		expect_hex("flags", flags, FLAG_FIXED | (round ? ours : 0));
	}
}

static void trap_flag(void)
{
	set_up();
	plan.set_flags = true;
	plan.flags = FLAG_TF | FLAG_FIXED;
	go();
	expect_eq("TF from the frame: one trap", seen.calls, 1);
	expect_eq("SIGTRAP", seen.signo, SIGTRAP);
	expect_eq("si_code", seen.code, TRAP_TRACE);
}

static int no_frame(void *stack_pointer)
{
	signal_set(SIGSEGV, SIG_DFL);
	raw_rt_sigreturn(stack_pointer);
}

#ifdef __i386__
static int no_old_frame(void *stack_pointer)
{
	signal_set(SIGSEGV, SIG_DFL);
	raw_old_sigreturn(stack_pointer);
}
#endif

static void unreadable_frames(void)
{
	static void *const where[] = { (void *)0, (void *)8, (void *)4096, (void *)-1, (void *)-8,
				       (void *)(-4096l), (void *)(~0ul >> 1) };
	char *hole = map_before_hole(PAGE);

	for (unsigned i = 0; i < COUNT(where); i++)
		if (child_run(no_frame, where[i]) != KILLED(SIGSEGV))
			fail("frame at %lx: expected SIGSEGV", (unsigned long)where[i]);
	expect_status("half of it is there", child_run(no_frame, hole + PAGE - 100),
		      KILLED(SIGSEGV));
	expect_status("zeroes", child_run(no_frame, hole + 64), KILLED(SIGSEGV));
#ifdef __i386__
	expect_status("old frame: half", child_run(no_old_frame, hole + PAGE - 100),
		      KILLED(SIGSEGV));
	expect_status("old frame: zeroes", child_run(no_old_frame, hole + 64), KILLED(SIGSEGV));
#endif
}

#ifdef __x86_64__
/* 32-bit programs have a vDSO for this. */
static int call_without_restorer(void *unused)
{
	(void)unused;
	signal_set(SIGSEGV, SIG_DFL);
	handle_raw(SIGUSR2, (void *)recover, SA_SIGINFO, NULL, 0);
	SYS(kill, self_pid(), SIGUSR2);
	return 5;
}

static void without_restorer(void)
{
	expect_status("SIGSEGV", child_run(call_without_restorer, NULL), KILLED(SIGSEGV));
}
#endif

static const struct test_case cases[] = {
	{ "bad selectors", bad_selectors },
#ifdef __x86_64__
	{ "SS of old programs", lenient_ss },
	{ "RIP = 1 << i", powers_of_two },
	{ "the end of user space", end_of_user_space },
#endif
	{ "flags", flags_mask },
	{ "TF", trap_flag },
	{ "unreadable frames", unreadable_frames },
#ifdef __x86_64__
	{ "no restorer", without_restorer },
#endif
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

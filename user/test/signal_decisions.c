/* SPDX-License-Identifier: MIT */
/*
 * SYSRET or IRET after sigreturn, and why: a model in C against the kernel's counters, frame by
 * frame (R6.14, R6.18, spec 6.9).
 *
 *	signal_decisions [FRAMES [PROCESSES [SEED]]]
 *
 * A frame is made that SYSRET could return to, and then none, one or more of its conditions are
 * broken.  The model sees the frame as sigreturn will and names the condition that fails first;
 * what the kernel did, /proc/exits tells.  One process alone compares each frame; several, for
 * which the counters are one, their sums.  On Linux, which has no such counters, the frames only
 * have to be survived.
 */
#include "user/lib/descriptors.h"
#include "user/lib/file.h"
#include "user/lib/handler.h"
#include "user/lib/hostile.h"
#include "user/lib/regs.h"
#include "user/lib/test.h"

#define ALT_SIZE (64 * 1024)
#define USER_CODE 0x33
#define USER_DATA 0x2b
#define FLAG_RF (1ul << 16)
/* What a frame may change (spec 12.1). */
#define FRAME_FLAGS 0x50dd5ul
#define STRICT_SS 4

enum way { SYSRET, IRET_RCX, IRET_R11, IRET_ADDRESS, IRET_SELECTOR, IRET_FLAGS, WAYS };
static const char *const counters[WAYS] = { NULL, "iret-rcx", "iret-r11", "iret-noncanonical",
					    "iret-selector", "iret-flags" };

static unsigned frames = 2000, processes = 1, seed = 1;
static struct ucontext saved;
static volatile bool damaged;
static enum way predicted;
static struct { unsigned long ip, cx, r11, flags; unsigned cs, ss; } last;
static unsigned long *totals;		/* shared: frames by predicted way */

/* In 64-bit mode SS is repaired unless the frame says that it is meant (R12.1). */
static unsigned loaded_ss(const struct ucontext *uc, unsigned cs)
{
	unsigned ss = uc->uc_mcontext.ss | 3u;

	if ((uc->uc_flags & STRICT_SS) || cs != USER_CODE)
		return ss;
	return ss == USER_DATA || ss == LDT_SELECTOR(0) ? ss : USER_DATA;
}

/* now: the flags that sigreturn is called with. */
static enum way model(const struct ucontext *uc, unsigned long now)
{
	unsigned long flags = (now & ~FRAME_FLAGS) | (uc->uc_mcontext.eflags & FRAME_FLAGS);
	unsigned cs = uc->uc_mcontext.cs | 3u, ss = loaded_ss(uc, cs);
	bool unusable = uc->uc_mcontext.fpstate == (void *)16;	/* SIGSEGV: a handler's entry */

	if (unusable || uc->uc_mcontext.rcx != uc->uc_mcontext.rip)
		return IRET_RCX;
	if (uc->uc_mcontext.r11 != flags)
		return IRET_R11;
	if (uc->uc_mcontext.rip >= (1ul << 47) - PAGE)
		return IRET_ADDRESS;
	if (cs != USER_CODE || ss != USER_DATA)
		return IRET_SELECTOR;
	return flags & (FLAG_RF | FLAG_TF) ? IRET_FLAGS : SYSRET;
}

/* Where a frame that is accepted goes on. */
void decision_landing(void);
__asm__(".globl decision_landing\ndecision_landing: int3; int3; ud2");

static unsigned long own_flags(void)
{
	unsigned long flags;

	__asm__ volatile("pushfq; pop %0" : "=r"(flags));
	return flags;
}

/* Flags that no frame changes come from the program: NT, which IRET must not find, and ID. */
static void change_own_flags(void)
{
	unsigned long flags = (own_flags() & ~(FLAG_NT | FLAG_ID)) |
			      (one_in(2) ? FLAG_NT : 0) | (one_in(2) ? FLAG_ID : 0);

	__asm__ volatile("push %0; popfq" : : "r"(flags) : "cc");
}

static unsigned long hostile_address(void)
{
	const unsigned long end = (1ul << 47) - PAGE;

	switch (rnd() % 4) {
	case 0:
		return 1ul << (47 + rnd() % 17);
	case 1:
		return end - 2 + rnd() % 4;
	case 2:
		return (1ul << 47) - 2 + rnd() % 4;
	default:
		return hostile_word();
	}
}

static void break_one(struct ucontext *uc)
{
	struct sigcontext_64 *c = (struct sigcontext_64 *)&uc->uc_mcontext;

	switch (rnd() % 8) {
	case 0:
		c->cx = one_in(2) ? c->ip ^ 1ul << rnd() % 64 : hostile_word();
		break;
	case 1:
		c->r11 = one_in(2) ? c->r11 ^ 1ul << rnd() % 64 : hostile_word();
		break;
	case 2:
		c->ip = hostile_address();
		if (!one_in(4))
			c->cx = c->ip;
		break;
	case 3:
		c->cs = hostile_selector();
		break;
	case 4:
		c->ss = hostile_selector();
		uc->uc_flags ^= one_in(2) ? STRICT_SS : 0;
		break;
	case 5:
		c->flags ^= one_in(2) ? FLAG_TF : FLAG_RF;
		if (!one_in(4))
			c->r11 = c->flags;
		break;
	case 6:
		c->flags ^= 1ul << rnd() % 64;
		break;
	default:
		if (one_in(4))
			c->fpstate = 16;
	}
}

static void damage(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info;
	saved = *uc;
	damaged = true;
	change_own_flags();
	REG(uc, ip) = REG(uc, cx) = (unsigned long)decision_landing;
	REG_FLAGS(uc) = FLAG_FIXED | FLAG_IF | (own_flags() & (FLAG_NT | FLAG_ID)) |
			(rnd() & (FLAG_CF | FLAG_ZF | FLAG_SF | FLAG_DF | FLAG_OF));
	uc->uc_mcontext.r11 = REG_FLAGS(uc);
	for (unsigned n = rnd() % 4; n > 0; n--)
		break_one(uc);
	predicted = model(uc, own_flags());
	__atomic_fetch_add(&totals[predicted], 1, __ATOMIC_RELAXED);
	last.ip = REG(uc, ip), last.cx = REG(uc, cx), last.r11 = uc->uc_mcontext.r11;
	last.flags = REG_FLAGS(uc), last.cs = uc->uc_mcontext.cs, last.ss = uc->uc_mcontext.ss;
}

static void recover(int signo, siginfo_t *info, struct ucontext *uc)
{
	void *fpstate = uc->uc_mcontext.fpstate;
	stack_t stack = uc->uc_stack;

	(void)signo, (void)info;
	if (!damaged)
		sys_exit(70);	/* the fault is this program's own */
	damaged = false;
	*uc = saved;
	uc->uc_mcontext.fpstate = fpstate;
	uc->uc_stack = stack;
	/* This way back is to be SYSRET, with the flags that the program has by now. */
	uc->uc_mcontext.r11 = (own_flags() & ~FRAME_FLAGS) | (REG_FLAGS(uc) & FRAME_FLAGS);
}

/* false: this kernel does not count. */
static bool read_counters(unsigned long value[WAYS])
{
	static char text[1024];

	if (file_read("/proc/exits", text, sizeof(text)) <= 0)
		return false;
	for (unsigned w = SYSRET + 1; w < WAYS; w++) {
		const char *at = strstr(text, counters[w]);

		value[w] = at ? parse_number(at + strlen(counters[w]) + 1) : 0;
	}
	return true;
}

/* Each frame begins with a handler that is entered on the way out of tkill: RIP is not RCX. */
static void compare(const unsigned long before[WAYS], const unsigned long after[WAYS], long n,
		    const unsigned long want[WAYS])
{
	for (unsigned w = SYSRET + 1; w < WAYS; w++) {
		long expected = (long)want[w] + (w == IRET_RCX ? n : 0);
		long got = (long)(after[w] - before[w]);

		if (got != expected)
			fail("%s: expected %ld, got %ld; last frame ip %lx cx %lx r11 %lx "
			     "flags %lx cs %x ss %x", counters[w], expected, got, last.ip, last.cx,
			     last.r11, last.flags, last.cs, last.ss);
	}
}

static int run(void *number)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGTRAP, SIGILL, SIGFPE };
	unsigned long before[WAYS], after[WAYS];
	bool alone = processes == 1 && read_counters(before);

	rnd_seed(seed * 0x9e3779b97f4a7c15ull + (unsigned long)number + 1);
	ldt_write(data_segment(0, 0));
	set_altstack(map_private(ALT_SIZE), ALT_SIZE, 0);
	handle(SIGUSR1, damage, 0);
	for (unsigned i = 0; i < COUNT(faults); i++)
		handle(faults[i], recover, SA_ONSTACK);
	for (unsigned i = 0; i < frames && !test_failed(); i++) {
		if (alone)
			read_counters(before);
		SYS(tkill, self_pid(), SIGUSR1);
		if (damaged)
			return 71;
		if (alone && read_counters(after)) {
			unsigned long want[WAYS] = { 0 };

			want[predicted] = 1;
			compare(before, after, 1, want);
		}
	}
	return 0;
}

static void decisions(void)
{
	unsigned long before[WAYS], after[WAYS];
	bool counted = read_counters(before);
	pid_t pid[16];

	totals = map_shared(PAGE);
	for (unsigned i = 0; i < processes; i++)
		pid[i] = child_start(run, (void *)(unsigned long)i);
	for (unsigned i = 0; i < processes; i++)
		expect_status("every frame survived", child_wait(pid[i]), EXITED(0));
	for (unsigned w = SYSRET; w < WAYS; w++) {
		note("%s: %lu frames", w == SYSRET ? "sysret" : counters[w], totals[w]);
		expect_true("some", totals[w] > 0);
	}
	if (counted && read_counters(after))
		compare(before, after, (long)(frames * processes), totals);
}

static const struct test_case cases[] = {
	{ "decisions as the model says", decisions },
};

int main(int argc, char **argv, char **envp)
{
	(void)envp;
	hostile_arguments(argc, argv, &frames, &processes, &seed);
	return RUN_CASES(cases);
}

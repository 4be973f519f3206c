/* SPDX-License-Identifier: MIT */
/*
 * Hostile signal frames: random damage to every field that sigreturn reads.  Whatever it is, the
 * program gets a signal, recovers on its alternate stack and goes on (R2.12, R2.16).
 *
 *	signal_fuzz [FRAMES [PROCESSES [SEED]]]
 *
 * A frame that sigreturn accepts leads to an INT3, or to where its damaged RIP points; so each
 * frame ends in exactly one signal, or more if TF is set.
 */
#include "user/lib/handler.h"
#include "user/lib/hostile.h"
#include "user/lib/regs.h"
#include "user/lib/test.h"

#define ALT_SIZE (64 * 1024)
#define FAULTS                                                                                     \
	(SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGTRAP) | SIGNAL_BIT(SIGILL) |     \
	 SIGNAL_BIT(SIGFPE) | SIGNAL_BIT(SIGUSR1) | SIGNAL_BIT(SIGTERM))

static unsigned frames = 3000, processes = 2, seed = 1;
static struct ucontext saved;
static unsigned *results;		/* shared: by signal number */
static volatile bool damaged;
static void *altstack;

/* Where a frame that is accepted goes on. */
void fuzz_landing(void);
__asm__(".globl fuzz_landing\nfuzz_landing: int3; int3; ud2");

static void damage_registers(struct ucontext *uc)
{
	unsigned long *word = (unsigned long *)&uc->uc_mcontext;

	/* 64 bit: R8 to CX first, then SP; 32 bit: DI to AX behind the segments, SP among them. */
	for (unsigned i = IS_64BIT ? 0 : 4; i < (IS_64BIT ? 15 : 12); i++)
		if (&word[i] != (unsigned long *)&REG(uc, sp))
			word[i] = hostile_word();
	if (one_in(2))
		REG(uc, sp) = hostile_word();
	if (one_in(3))
		REG(uc, ip) = hostile_word();
	if (one_in(2))
		REG_FLAGS(uc) = hostile_word();
#ifdef __x86_64__
	if (one_in(2))
		REG(uc, cx) = REG(uc, ip), uc->uc_mcontext.r11 = REG_FLAGS(uc);
#else
	if (one_in(2))
		uc->uc_mcontext.ds = hostile_selector(), uc->uc_mcontext.es = hostile_selector();
#endif
	if (one_in(4))
		uc->uc_mcontext.gs = hostile_selector(), uc->uc_mcontext.fs = hostile_selector();
	if (one_in(3))
		uc->uc_mcontext.cs = hostile_selector();
	if (one_in(3))
		uc->uc_mcontext.ss = hostile_selector();
}

static unsigned char elsewhere[16384] __attribute__((aligned(64)));

static void damage_image(struct ucontext *uc)
{
	unsigned char *fp = (unsigned char *)uc->uc_mcontext.fpstate;
	unsigned char *fx = fp + (IS_64BIT ? 0 : 112);
	struct _fpx_sw_bytes *sw = (void *)(fx + 464);
	uint64_t *header = (uint64_t *)(fx + 512);
	unsigned size = sw->magic1 == FP_XSTATE_MAGIC1 ? sw->xstate_size : 512;

	switch (rnd() % 11) {
	case 0:
		uc->uc_mcontext.fpstate = (void *)hostile_word();
		break;
	case 1:
		uc->uc_mcontext.fpstate = (void *)(fp + rnd() % 64);
		break;
	case 2:
		((uint32_t *)sw)[rnd() % 5] = (uint32_t)hostile_word();
		break;
	case 3:
		sw->xfeatures = rnd();
		break;
	case 4:
		if (size > 512)
			header[rnd() % 8] = one_in(2) ? rnd() : 1ull << rnd() % 64;
		break;
	case 5:
		*(uint32_t *)(fx + 24) = (uint32_t)rnd();	/* MXCSR */
		break;
	case 6:
		for (unsigned i = 0; i < 160 + (IS_64BIT ? 0u : 112u); i++)
			fp[i] = (unsigned char)rnd();
		break;
	case 7:
		for (unsigned i = 0; i < 8; i++)
			fx[rnd() % size] = (unsigned char)rnd();
		break;
	case 8:
		if (size > 512)
			*(uint32_t *)(fx + size) = (uint32_t)rnd();	/* magic2 */
		break;
	case 9:				/* whole, but perhaps not aligned: XRSTOR's own check */
		uc->uc_mcontext.fpstate = (void *)(elsewhere + rnd() % 64);
		memcpy(uc->uc_mcontext.fpstate, fp, size + 4 + (IS_64BIT ? 0 : 112));
		break;
	}
}

static void damage(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info;
	saved = *uc;
	damaged = true;
	REG(uc, ip) = (unsigned long)fuzz_landing;
	uc->uc_flags = one_in(2) ? uc->uc_flags : (unsigned long)rnd();
	set_frame_mask(uc, rnd() & ~FAULTS);
	if (one_in(8))
		uc->uc_stack.ss_flags = 4;	/* refused: the real one stays */
	damage_registers(uc);
	damage_image(uc);
}

static void recover(int signo, siginfo_t *info, struct ucontext *uc)
{
	void *fpstate = uc->uc_mcontext.fpstate;
	stack_t stack = uc->uc_stack;

	(void)info;
	__atomic_fetch_add(&results[signo], 1, __ATOMIC_RELAXED);
	if (!damaged)
		SYS(exit_group, 70);	/* the fault is this program's own */
	damaged = false;
	*uc = saved;
	uc->uc_mcontext.fpstate = fpstate;
	uc->uc_stack = stack;
}

static int fuzz(void *number)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGTRAP, SIGILL, SIGFPE };

	rnd_seed(seed * 0x9e3779b97f4a7c15ull + (unsigned long)number + 1);
	altstack = map_private(ALT_SIZE);
	set_altstack(altstack, ALT_SIZE, 0);
	handle(SIGUSR1, damage, 0);
	for (unsigned i = 0; i < COUNT(faults); i++)
		handle(faults[i], recover, SA_ONSTACK);
	for (unsigned i = 0; i < frames; i++) {
		SYS(tkill, self_pid(), SIGUSR1);
		if (damaged)
			return 71;
	}
	return 0;
}

static void hostile_frames(void)
{
	pid_t pid[16];
	unsigned total = 0;

	results = map_shared(PAGE);
	for (unsigned i = 0; i < processes; i++)
		pid[i] = child_start(fuzz, (void *)(unsigned long)i);
	for (unsigned i = 0; i < processes; i++)
		expect_status("recovered from every frame", child_wait(pid[i]), EXITED(0));
	for (int s = 1; s < 32; s++) {
		if (results[s])
			note("%s: %u", signal_name(s), results[s]);
		total += results[s];
	}
	expect_eq("signals", total, frames * processes);
}

static const struct test_case cases[] = {
	{ "hostile frames", hostile_frames },
};

int main(int argc, char **argv, char **envp)
{
	(void)envp;
	hostile_arguments(argc, argv, &frames, &processes, &seed);
	return RUN_CASES(cases);
}

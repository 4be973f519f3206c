/* SPDX-License-Identifier: MIT */
/*
 * Signal handlers: what they are called with, how they nest, which flags of sigaction change that,
 * and which signals are blocked meanwhile (sigaction(2), signal(7)).
 */
#include "user/lib/handler.h"
#include "user/lib/regs.h"
#include "user/lib/test.h"

static char order[64];
static unsigned order_len;
static uint64_t mask_inside, frame_mask_seen;

static void log_char(char c)
{
	if (order_len < sizeof(order) - 1)
		order[order_len++] = c;
	order[order_len] = 0;
}

static void log_reset(void)
{
	order_len = 0;
	order[0] = 0;
}

static uint64_t mask_now(void)
{
	uint64_t mask = 0;

	signal_mask(SIG_BLOCK, 0, &mask);
	return mask;
}

static void send_self(int signo)
{
	SYS(tgkill, self_pid(), self_pid(), signo);
}

static int signo_seen, code_seen, pid_seen, calls;
static uintptr_t stack_seen;

static void note_call(int signo, siginfo_t *info, struct ucontext *uc)
{
	calls++;
	signo_seen = signo;
	code_seen = info->si_code;
	pid_seen = info->si_pid;
	stack_seen = (uintptr_t)&uc;
	mask_inside = mask_now();
	frame_mask_seen = frame_mask(uc);
	expect_eq("si_signo", info->si_signo, signo);
}

static void arguments(void)
{
	handle(SIGUSR1, note_call, 0);
	calls = 0;
	SYS(kill, self_pid(), SIGUSR1);
	expect_eq("calls", calls, 1);
	expect_eq("signo", signo_seen, SIGUSR1);
	expect_eq("si_code of kill", code_seen, SI_USER);
	expect_eq("si_pid", pid_seen, self_pid());
	send_self(SIGUSR1);
	expect_eq("si_code of tgkill", code_seen, SI_TKILL);
	for (int signo = 1; signo <= 64; signo++) {
		if (signo == SIGKILL || signo == SIGSTOP)
			continue;
		handle(signo, note_call, 0);
		send_self(signo);
		if (signo_seen != signo)
			fail("signal %d was not caught", signo);
		signal_set(signo, SIG_DFL);
	}
	note("62 signals caught");
}

static void plain_handler(int signo)
{
	log_char((char)('0' + signo));
}

static void without_siginfo(void)
{
	log_reset();
	handle_plain(1, (void *)plain_handler, 0);
	send_self(1);
	send_self(1);
	expect_string("called twice", order, "11");
	signal_set(1, SIG_DFL);
}

static void nest(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)info, (void)uc;
	log_char('(');
	if (signo == SIGUSR1)
		send_self(SIGUSR2);
	if (signo == SIGUSR2)
		send_self(SIGTERM);
	log_char(signo == SIGUSR1 ? '1' : signo == SIGUSR2 ? '2' : 'T');
	log_char(')');
}

static void nesting(void)
{
	log_reset();
	handle(SIGUSR1, nest, 0);
	handle(SIGUSR2, nest, 0);
	handle(SIGTERM, nest, 0);
	send_self(SIGUSR1);
	expect_string("handlers inside handlers", order, "(((T)2)1)");

	/* SIGUSR2 only comes when SIGUSR1's handler has returned; SIGTERM inside of it. */
	log_reset();
	handle_masked(SIGUSR1, nest, 0, SIGNAL_BIT(SIGUSR2));
	send_self(SIGUSR1);
	expect_string("sa_mask", order, "(1)((T)2)");

	/* Two at once: frames are stacked in order of number, so the higher one runs first. */
	log_reset();
	signal_mask(SIG_BLOCK, SIGNAL_BIT(SIGTERM) | SIGNAL_BIT(SIGHUP), NULL);
	handle(SIGHUP, nest, 0);
	send_self(SIGTERM);
	send_self(SIGHUP);
	signal_mask(SIG_UNBLOCK, SIGNAL_BIT(SIGTERM) | SIGNAL_BIT(SIGHUP), NULL);
	expect_eq("both came", order_len, 6);
	expect_true("SIGTERM on top of SIGHUP", order[1] == 'T' && order[4] == 'T');
	signal_set(SIGHUP, SIG_DFL);
	signal_set(SIGTERM, SIG_DFL);
}

static unsigned depth, deepest;

static void recurse(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)info, (void)uc;
	if (++depth > deepest)
		deepest = depth;
	if (calls++ < 4)
		send_self(signo);
	depth--;
}

static void masks(void)
{
	uint64_t old = 0, me = SIGNAL_BIT(SIGUSR1), other = SIGNAL_BIT(SIGUSR2) | SIGNAL_BIT(40);

	signal_mask(SIG_SETMASK, SIGNAL_BIT(SIGQUIT), &old);
	handle_masked(SIGUSR1, note_call, 0, other | SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP));
	send_self(SIGUSR1);
	expect_hex("mask in the handler", (unsigned long)mask_inside,
		   (unsigned long)(me | other | SIGNAL_BIT(SIGQUIT)));
	expect_hex("mask in the frame", (unsigned long)frame_mask_seen,
		   (unsigned long)SIGNAL_BIT(SIGQUIT));
	expect_hex("mask afterwards", (unsigned long)mask_now(),
		   (unsigned long)SIGNAL_BIT(SIGQUIT));
	handle_masked(SIGUSR1, note_call, SA_NODEFER, other);
	send_self(SIGUSR1);
	expect_hex("SA_NODEFER", (unsigned long)mask_inside,
		   (unsigned long)(other | SIGNAL_BIT(SIGQUIT)));
	signal_mask(SIG_SETMASK, old, NULL);

	calls = 0, deepest = 0;
	handle(SIGUSR1, recurse, 0);
	send_self(SIGUSR1);
	expect_eq("deferred: depth", deepest, 1);
	expect_eq("deferred: calls", calls, 5);
	calls = 0, deepest = 0;
	handle(SIGUSR1, recurse, SA_NODEFER);
	send_self(SIGUSR1);
	expect_eq("SA_NODEFER: depth", deepest, 5);
}

static void change_mask(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info;
	set_frame_mask(uc, SIGNAL_BIT(SIGUSR2) | SIGNAL_BIT(63) | SIGNAL_BIT(SIGKILL));
}

static void mask_from_frame(void)
{
	uint64_t old = mask_now();

	handle(SIGUSR1, change_mask, 0);
	send_self(SIGUSR1);
	expect_hex("sigreturn brings the frame's mask", (unsigned long)(mask_now() >> 32),
		   (unsigned long)(SIGNAL_BIT(63) >> 32));
	expect_hex("without SIGKILL", (unsigned long)(mask_now() & 0xffffffff),
		   (unsigned long)SIGNAL_BIT(SIGUSR2));
	signal_mask(SIG_SETMASK, old, NULL);
}

static int twice(void *flags)
{
	handle(SIGUSR1, note_call, (unsigned long)flags);
	send_self(SIGUSR1);
	if (calls != 1)
		return 90;
	send_self(SIGUSR1);
	return 50 + calls;
}

static void one_shot(void)
{
	calls = 0;
	expect_status("without SA_RESETHAND", child_run(twice, NULL), EXITED(52));
	expect_status("with SA_RESETHAND", child_run(twice, (void *)SA_RESETHAND),
		      KILLED(SIGUSR1));
}

static void flags_read_back(void)
{
	static const unsigned long known[] = { SA_NOCLDSTOP, SA_NOCLDWAIT, SA_SIGINFO, SA_ONSTACK,
					       SA_RESTART, SA_NODEFER, SA_RESETHAND, SA_RESTORER };
	static const unsigned long unknown[] = { 0x10, 0x100, 0x400, 0x10000, 0x01000000,
						 0x02000000 };

	for (unsigned i = 0; i < COUNT(known); i++) {
		handle_raw(SIGUSR1, (void *)note_call, known[i], (void *)rt_restorer, 0);
		expect_hex("known flag", handler_flags(SIGUSR1) & 0xffffffff,
			   known[i] & 0xffffffff);
	}
	for (unsigned i = 0; i < COUNT(unknown); i++) {
		handle_raw(SIGUSR1, (void *)note_call, unknown[i], (void *)rt_restorer, 0);
		expect_hex("unknown flag reads as 0", handler_flags(SIGUSR1) & unknown[i], 0);
	}
	signal_set(SIGUSR1, SIG_DFL);
}

unsigned long flags_in_handler;
uintptr_t entry_sp;

/* Looks at the flags before any code of the compiler changes them. */
#ifdef __x86_64__
__asm__(".globl flag_probe\nflag_probe: pushf; popq %rax; movq %rax, flags_in_handler\n"
	"movq %rsp, entry_sp; cld; ret");
#else
__asm__(".globl flag_probe\nflag_probe: pushf; popl %eax; movl %eax, flags_in_handler\n"
	"movl %esp, entry_sp; cld; ret");
#endif
void flag_probe(void);

static void send_with_flags(unsigned long flags)
{
	struct regs in = { .flags = FLAG_IF | FLAG_FIXED | flags }, out;
	long pid = self_pid();

	in.ax = IS_64BIT ? 234 : 270;	/* tgkill */
#ifdef __x86_64__
	in.di = in.si = (unsigned long)pid;
	in.dx = SIGUSR1;
	regs_syscall(&in, &out);
#else
	in.bx = in.cx = (unsigned long)pid;
	in.dx = SIGUSR1;
	regs_int80(&in, &out);
#endif
	__asm__ volatile("cld");
	expect_eq("tgkill", (long)out.ax, 0);
	expect_hex("flags afterwards", out.flags & ~FLAG_IF, in.flags & ~FLAG_IF);
}

static void handler_entry(void)
{
	handle_plain(SIGUSR1, (void *)flag_probe, 0);
	send_with_flags(FLAG_DF | FLAG_CF | FLAG_OF);
	expect_hex("DF is clear, CF and OF as interrupted",
		   flags_in_handler & (FLAG_DF | FLAG_CF | FLAG_OF), FLAG_CF | FLAG_OF);
	send_with_flags(FLAG_AC);
	expect_hex("AC as interrupted", flags_in_handler & FLAG_AC, FLAG_AC);
	expect_eq("stack alignment", entry_sp % 16, IS_64BIT ? 8 : 12);
	signal_set(SIGUSR1, SIG_DFL);
}

static const struct test_case cases[] = {
	{ "arguments", arguments },
	{ "without SA_SIGINFO", without_siginfo },
	{ "nesting", nesting },
	{ "masks", masks },
	{ "mask in the frame", mask_from_frame },
	{ "SA_RESETHAND", one_shot },
	{ "flags of sigaction", flags_read_back },
	{ "flags and stack of a handler", handler_entry },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

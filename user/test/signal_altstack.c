/* SPDX-License-Identifier: MIT */
/* Alternate signal stacks: when they are used, what sigaltstack refuses, and overflow (R12.4). */
#include "user/lib/handler.h"
#include "user/lib/test.h"

#define SIZE (64 * 1024)

static char *stack;
static uintptr_t handler_sp[4];
static unsigned depth;
static stack_t inside;
static long change_result;
static stack_t frame_stack;

static bool on_stack(uintptr_t sp)
{
	return sp > (uintptr_t)stack && sp <= (uintptr_t)stack + SIZE;
}

static stack_t stack_now(void)
{
	stack_t s = { .ss_flags = -1 };

	SYS(sigaltstack, NULL, &s);
	return s;
}

static void note_stack(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)info;
	handler_sp[depth] = (uintptr_t)&uc;
	inside = stack_now();
	change_result = set_altstack(stack, SIZE / 2, 0);
	frame_stack = uc->uc_stack;
	if (depth++ == 0 && signo == SIGUSR1)
		SYS(kill, self_pid(), SIGUSR2);
}

static void send(int signo)
{
	depth = 0;
	handler_sp[0] = handler_sp[1] = 0;
	SYS(kill, self_pid(), signo);
}

static void use(void)
{
	stack = map_private(SIZE);
	expect_eq("none at first", stack_now().ss_flags, SS_DISABLE);
	handle(SIGUSR1, note_stack, SA_ONSTACK);
	handle(SIGUSR2, note_stack, SA_ONSTACK);
	send(SIGUSR2);
	expect_true("SA_ONSTACK without a stack: the usual one", !on_stack(handler_sp[0]));
	set_altstack(NULL, 0, SS_DISABLE);
	expect_ok("sigaltstack", set_altstack(stack, SIZE, 0));
	expect_eq("set, not in use", stack_now().ss_flags, 0);
	send(SIGUSR1);
	expect_true("first handler is on it", on_stack(handler_sp[0]));
	expect_true("nested handler too", on_stack(handler_sp[1]));
	expect_true("below the first", handler_sp[1] < handler_sp[0]);
	expect_eq("flags inside", inside.ss_flags, SS_ONSTACK);
	expect_error("it cannot be changed inside", change_result, EPERM);
	expect_hex("uc_stack.ss_sp", (uintptr_t)frame_stack.ss_sp, (uintptr_t)stack);
	expect_eq("uc_stack.ss_size", (long)frame_stack.ss_size, SIZE);
	expect_eq("afterwards not in use", stack_now().ss_flags, 0);
	handle(SIGUSR2, note_stack, 0);
	send(SIGUSR2);
	expect_true("without SA_ONSTACK: the usual one", !on_stack(handler_sp[0]));
}

static void auto_disarm(void)
{
	handle(SIGUSR2, note_stack, SA_ONSTACK);
	expect_ok("SS_AUTODISARM", set_altstack(stack, SIZE, (int)SS_AUTODISARM));
	expect_hex("flags", (unsigned)stack_now().ss_flags, SS_AUTODISARM);
	send(SIGUSR2);
	expect_true("the handler is on it", on_stack(handler_sp[0]));
	expect_eq("inside there is none", inside.ss_flags, SS_DISABLE);
	expect_eq("and another can be set", change_result, 0);
	expect_hex("sigreturn brings it back", (unsigned)stack_now().ss_flags, SS_AUTODISARM);
	expect_eq("with its size", (long)stack_now().ss_size, SIZE);
	set_altstack(NULL, 0, SS_DISABLE);
}

static void refused(void)
{
	expect_error("too small", set_altstack(stack, 2047, 0), ENOMEM);
	expect_error("unknown flag", set_altstack(stack, SIZE, 4), EINVAL);
	expect_error("bad pointer", SYS(sigaltstack, (void *)8, NULL), EFAULT);
	expect_ok("SS_ONSTACK is the same as 0", set_altstack(stack, SIZE, SS_ONSTACK));
	expect_eq("not in use", stack_now().ss_flags, 0);
	expect_ok("off", set_altstack(stack, SIZE, SS_DISABLE));
	expect_eq("off", stack_now().ss_flags, SS_DISABLE);
}

static void never(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info, (void)uc;
	SYS(exit_group, 3);
}

/*
 * The frame does not fit: nothing is written outside, and SIGSEGV has no way to be caught either.
 */
static int overflow(void *below)
{
	char *area = below;

	/* 2048 bytes: as much as sigaltstack accepts, less than a frame with an XSAVE image. */
	handle(SIGUSR1, never, SA_ONSTACK);
	handle(SIGSEGV, never, SA_ONSTACK);
	set_altstack(area + SIZE / 2, 2048, 0);
	SYS(kill, self_pid(), SIGUSR1);
	return 4;
}

static unsigned long min_stack(void)
{
	bool found;
	unsigned long n = auxv(AT_MINSIGSTKSZ, &found);

	return found ? n : 2048;
}

/* Handlers nest until the stack is full; if it never is, not for ever. */
static void nest_for_ever(int signo, siginfo_t *info, struct ucontext *uc)
{
	static unsigned levels;

	(void)signo, (void)info, (void)uc;
	if (++levels == 10000)
		SYS(exit, 5);
	SYS(kill, self_pid(), SIGUSR1);
}

static int nested_overflow(void *below)
{
	char *area = below;

	handle(SIGUSR1, nest_for_ever, SA_ONSTACK | SA_NODEFER);
	set_altstack(area + SIZE / 2, SIZE / 2, 0);
	SYS(kill, self_pid(), SIGUSR1);
	return 4;
}

static bool untouched(const char *p)
{
	for (unsigned i = 0; i < SIZE / 2; i++)
		if (p[i] != 0x33)
			return false;
	return true;
}

static void overflows(void)
{
	char *area = map_shared(SIZE);

	memset(area, 0x33, SIZE);
	if (min_stack() > 2048) {
		expect_status("frame larger than the stack", child_run(overflow, area),
			      KILLED(SIGSEGV));
		expect_true("nothing written below", untouched(area));
	} else {
		note("a frame fits into 2048 bytes here");
	}
	expect_status("nesting", child_run(nested_overflow, area), KILLED(SIGSEGV));
	expect_true("nothing written below", untouched(area));
}

static unsigned long segv_calls;
static uintptr_t landing_sp, landing_ip;

static void recover(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info;
	segv_calls++;
	handler_sp[0] = (uintptr_t)&uc;
	REG(uc, sp) = landing_sp;
	REG(uc, ip) = landing_ip;
}

/* The usual stack is gone: the reason why alternate stacks exist. */
static void broken_stack(void)
{
	set_altstack(stack, SIZE, 0);
	handle(SIGSEGV, recover, SA_ONSTACK);
#ifdef __x86_64__
	__asm__ volatile("lea 1f(%%rip), %%rax; mov %%rax, %1; mov %%rsp, %0; mov $4096, %%esp;"
			 "push %%rax; 1:" : "=m"(landing_sp), "=m"(landing_ip) : : "rax", "memory");
#else
	__asm__ volatile("movl $1f, %1; mov %%esp, %0; mov $4096, %%esp; push %%eax; 1:"
			 : "=m"(landing_sp), "=m"(landing_ip) : : "eax", "memory");
#endif
	expect_eq("SIGSEGV on the alternate stack", (long)segv_calls, 1);
	expect_true("there", on_stack(handler_sp[0]));
}

static int without_altstack(void *unused)
{
	(void)unused;
	handle(SIGSEGV, recover, 0);
#ifdef __x86_64__
	__asm__ volatile("mov $4096, %%esp; push %%rax" : : : "memory");
#else
	__asm__ volatile("mov $4096, %%esp; push %%eax" : : : "memory");
#endif
	return 0;
}

static void no_stack_at_all(void)
{
	expect_status("SIGSEGV without a stack for its handler", child_run(without_altstack, NULL),
		      KILLED(SIGSEGV));
}

static const struct test_case cases[] = {
	{ "use", use },
	{ "SS_AUTODISARM", auto_disarm },
	{ "what is refused", refused },
	{ "overflow", overflows },
	{ "a broken stack", broken_stack },
	{ "no stack at all", no_stack_at_all },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

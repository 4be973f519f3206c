/* SPDX-License-Identifier: MIT */
/*
 * A 32-bit handler that was installed without SA_RESTORER returns through the vDSO's
 * __kernel_sigreturn or, with SA_SIGINFO, __kernel_rt_sigreturn (spec 6.7, 12.3): the handler runs,
 * and the interrupted code goes on with its registers as they were.
 */
#include "user/lib/handler.h"
#include "user/lib/signals.h"
#include "user/lib/test.h"

static volatile int seen;

/* A pointer argument so that both kinds of handler fit. */
static void count(int signo)
{
	seen += signo == SIGUSR1;
}

static void run(long flags)
{
	unsigned before = 0x12345678, after;

	seen = 0;
	expect_eq("install", handle_raw(SIGUSR1, (void *)count, flags, NULL, 0), 0);
	__asm__ volatile("int $0x80" : "=b"(after) : "a"(__NR_kill), "b"(self_pid()), "c"(SIGUSR1)
			 : "memory");
	expect_eq("the handler ran", seen, 1);
	expect_eq("EBX is kept", after, (unsigned)self_pid());
	expect_eq("so are locals", before, 0x12345678);
}

static void old_frame(void)
{
	run(0);
}

static void rt_frame(void)
{
	run(SA_SIGINFO);
}

static const struct test_case cases[] = {
	{ "old frame", old_frame },
	{ "rt frame", rt_frame },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

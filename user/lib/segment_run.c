/* SPDX-License-Identifier: MIT */
/* Code with another CS and SS: see segment_run.h. */
#include "user/lib/segment_run.h"
#include "user/lib/test.h"

#define ALT_SIZE (64 * 1024)
#define FLAT_DATA 0x2b

static struct segment_run to;
static struct ucontext from;
static struct segment_stop stop;

static void go(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info;
	from = *uc;
	uc->uc_mcontext.cs = to.cs;
	uc->uc_mcontext.ss = to.ss;
	REG(uc, ip) = to.ip;
	REG(uc, sp) = to.sp;
	REG(uc, ax) = to.ax;
	REG(uc, bx) = to.bx;
}

static void come_back(int signo, siginfo_t *info, struct ucontext *uc)
{
	stop.stops++;
	stop.signo = signo;
	stop.code = info->si_code;
	stop.uc = *uc;
	uc->uc_mcontext = from.uc_mcontext;
	uc->uc_flags = from.uc_flags;
}

static void set_up(void)
{
	static char *stack;

	if (stack)
		return;
	stack = map_private(ALT_SIZE);
	set_altstack(stack, ALT_SIZE, 0);
	handle(SIGUSR1, go, 0);
	handle(SIGTRAP, come_back, SA_ONSTACK);
	handle(SIGSEGV, come_back, SA_ONSTACK);
	handle(SIGBUS, come_back, SA_ONSTACK);
}

const struct segment_stop *segment_run(const struct segment_run *run)
{
	set_up();
	to = *run;
	memset(&stop, 0, sizeof(stop));
	__asm__ volatile("mov %0, %%ds" ::"r"(FLAT_DATA));
	SYS(kill, self_pid(), SIGUSR1);
	return &stop;
}

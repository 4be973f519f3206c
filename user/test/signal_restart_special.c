/* SPDX-License-Identifier: MIT */
/*
 * Restarts with something special (spec 6.10, R6.20): wait4, the rest of a sleep, restart_syscall
 * by itself, calls of the other bitness, and numbers with a high half.
 */
#include "user/lib/handler.h"
#include "user/lib/regs.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

/* Shared with the child. */
static struct {
	int in_call, calls, child;
	long result;
	unsigned long elapsed_ms;
} *shared;

static void count(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info, (void)uc;
	shared->calls++;
}

/* wait4, with a grandchild to wait for. */
static int sit_in_wait(void *flags)
{
	pid_t grandchild;

	handle(SIGUSR1, count, (unsigned long)flags);
	grandchild = child_start(sleep_for_ever, NULL);
	shared->child = grandchild;
	shared->in_call = 1;
	shared->result = SYS(wait4, grandchild, NULL, 0, NULL);
	if (shared->result == grandchild)
		shared->result = 1;
	shared->in_call = 2;
	return 0;
}

static void in_wait4(void)
{
	shared = map_shared(PAGE);
	for (unsigned restart = 0; restart < 2; restart++) {
		pid_t pid;

		memset(shared, 0, sizeof(*shared));
		pid = child_start(sit_in_wait, (void *)(restart ? (unsigned long)SA_RESTART : 0ul));
		wait_for_value(&shared->in_call, 1, 10);
		child_wait_asleep(pid);
		SYS(kill, pid, SIGUSR1);
		wait_for_value(&shared->calls, 1, 10);
		SYS(kill, shared->child, SIGKILL);
		child_wait(pid);
		expect_eq(restart ? "SA_RESTART" : "no SA_RESTART", shared->result,
			  restart ? 1 : -EINTR);
		expect_eq("calls", shared->calls, 1);
	}
}

/* The rest of an interrupted sleep. */
static int sleep_with_rest(void *unused)
{
	struct __kernel_old_timespec t = { 5, 0 };

	(void)unused;
	handle(SIGUSR1, count, SA_RESTART);
	shared->in_call = 1;
	shared->result = SYS(nanosleep, &t, &t);
	shared->elapsed_ms = (unsigned long)t.tv_sec * 1000 + (unsigned long)t.tv_nsec / 1000000;
	return 0;
}

static void rest_of_sleep(void)
{
	pid_t pid;

	shared = map_shared(PAGE);
	pid = child_start(sleep_with_rest, NULL);
	wait_for_value(&shared->in_call, 1, 10);
	child_wait_asleep(pid);
	sleep_ms(60);
	SYS(kill, pid, SIGUSR1);
	child_wait(pid);
	expect_eq("nanosleep", shared->result, -EINTR);
	expect_true("the rest is less than 5 s", shared->elapsed_ms < 4960);
	expect_true("and not much less", shared->elapsed_ms > 2000);
}

static long restarted;

static void call_restart(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info, (void)uc;
	restarted = SYS(restart_syscall);
}

static void without_restart(void)
{
	expect_error("restart_syscall with nothing to restart", SYS(restart_syscall), EINTR);
	handle(SIGUSR1, call_restart, 0);
	SYS(kill, self_pid(), SIGUSR1);
	expect_error("in a handler", restarted, EINTR);
	expect_error("after sigreturn", SYS(restart_syscall), EINTR);
}

#ifdef __x86_64__
/* A child that sleeps in its call is stopped and goes on: its status. */
static int run_stopped_asleep(child_fn *sleeper, void *arg)
{
	int status;
	pid_t pid;

	shared = map_shared(PAGE);
	pid = child_start(sleeper, arg);
	wait_for_value(&shared->in_call, 1, 10);
	child_wait_asleep(pid);
	SYS(kill, pid, SIGSTOP);
	SYS(wait4, pid, &status, WUNTRACED, NULL);
	SYS(kill, pid, SIGCONT);
	return child_wait(pid);
}

/*
 * Garbage in the high half of RAX, which the number does not have (R6.13): restarted all the same.
 */
static int sleep_with_high_half(void *unused)
{
	struct __kernel_old_timespec t = { 0, 150000000 };
	struct regs in = { .ax = 0xffffffff00000000ul | __NR_nanosleep,
			   .flags = FLAG_FIXED | FLAG_IF };
	struct regs out;

	(void)unused;
	in.di = (unsigned long)&t;
	shared->in_call = 1;
	regs_syscall(&in, &out);
	shared->result = (long)out.ax;
	return 0;
}

static void high_half(void)
{
	expect_status("ends", run_stopped_asleep(sleep_with_high_half, NULL), EXITED(0));
	expect_eq("nanosleep", shared->result, 0);
}

/* A 32-bit call from 64-bit code goes on as a 32-bit call (R6.20): 219 there is madvise. */
static int sleep_int80(void *low)
{
	int *t = low;
	struct regs in = { .ax = 162, .flags = FLAG_FIXED | FLAG_IF }, out;

	t[0] = 0, t[1] = 150000000;
	in.bx = (unsigned long)t;
	shared->in_call = 1;
	regs_int80(&in, &out);
	shared->result = (int)out.ax;
	return 0;
}

static void bitness(void)
{
	void *low = (void *)sys_mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS | 0x40, -1, 0);

	expect_status("ends", run_stopped_asleep(sleep_int80, low), EXITED(0));
	expect_eq("nanosleep by INT 0x80", shared->result, 0);
}
#endif

static const struct test_case cases[] = {
	{ "wait4", in_wait4 },
	{ "the rest of a sleep", rest_of_sleep },
	{ "restart_syscall itself", without_restart },
#ifdef __x86_64__
	{ "high half of RAX", high_half },
	{ "bitness of the call", bitness },
#endif
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

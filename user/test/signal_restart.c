/* SPDX-License-Identifier: MIT */
/*
 * System calls that a signal interrupts (spec 6.10, R6.20): nanosleep, pause, a read and a write on a pipe, wait4, futex,
 * select, each with a handler with and without SA_RESTART, with an ignored signal, and stopped and
 * continued.  A child sits in the call; the parent disturbs it, then lets it end.
 */
#include "user/lib/handler.h"
#include "user/lib/regs.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

enum disturbance { HANDLER, HANDLER_RESTART, IGNORED, STOPPED_AND_CONTINUED, DISTURBANCES };
static const char *const disturbance_names[] = { "handler", "handler, SA_RESTART", "ignored",
						 "SIGSTOP, SIGCONT" };

/* Shared with the child. */
static struct {
	int in_call, calls, futex;
	long result;
	unsigned long elapsed_ms;
} *shared;

static int pipe_fds[2];

static unsigned long now_ms(void)
{
	struct __kernel_old_timespec t;

	SYS(clock_gettime, CLOCK_MONOTONIC, &t);
	return (unsigned long)t.tv_sec * 1000 + (unsigned long)t.tv_nsec / 1000000;
}

static void count(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info, (void)uc;
	shared->calls++;
}

/* Each call blocks until its finish function lets it end, or for ever. */
static long call_nanosleep(void)
{
	struct __kernel_old_timespec t = { 0, 250000000 };

	return SYS(nanosleep, &t, NULL);
}

static long call_read(void)
{
	char c;

	return SYS(read, pipe_fds[0], &c, 1);
}

static long call_pause(void)
{
	return SYS(pause);
}

static pid_t grandchild;

static long call_futex(void)
{
	return futex_wait(&shared->futex, 0);
}

static long call_futex_timeout(void)
{
	struct __kernel_old_timespec t = { 0, 250000000 };

	return SYS(futex, &shared->futex, FUTEX_WAIT, 0, &t);
}

static long call_sigsuspend(void)
{
	uint64_t none = 0;

	return SYS(rt_sigsuspend, &none, sizeof(none));
}

static long call_sigtimedwait(void)
{
	uint64_t set = SIGNAL_BIT(SIGUSR2);
	struct __kernel_old_timespec t = { 0, 250000000 };

	return SYS(rt_sigtimedwait, &set, NULL, &t, sizeof(set));
}

static long call_poll(void)
{
	struct { int fd; short events, revents; } p = { pipe_fds[0], 1, 0 };

	return SYS(poll, &p, 1, 250);
}

static void finish_read(void)
{
	SYS(write, pipe_fds[1], "x", 1);
}

static void finish_futex(void)
{
	futex_wake(&shared->futex, 1);
}

/* end: what the call itself gives; FOR_EVER: it does not end. */
#define FOR_EVER 1000000l
static const struct call {
	const char *name;
	long (*run)(void);
	void (*finish)(void);
	long end;
	long expected[DISTURBANCES];
} calls[] = {
	{ "nanosleep", call_nanosleep, NULL, 0, { -EINTR, -EINTR, 0, 0 } },
	{ "read", call_read, finish_read, 1, { -EINTR, 1, 1, 1 } },
	{ "pause", call_pause, NULL, 0, { -EINTR, -EINTR, FOR_EVER, FOR_EVER } },
	{ "futex", call_futex, finish_futex, 0, { -EINTR, 0, 0, 0 } },
	{ "futex with timeout", call_futex_timeout, NULL, -ETIMEDOUT,
	  { -EINTR, -EINTR, -ETIMEDOUT, -ETIMEDOUT } },
	{ "rt_sigsuspend", call_sigsuspend, NULL, 0, { -EINTR, -EINTR, FOR_EVER, FOR_EVER } },
	{ "rt_sigtimedwait", call_sigtimedwait, NULL, -EAGAIN,
	  { -EINTR, -EINTR, -EAGAIN, -EINTR } },
	{ "poll", call_poll, NULL, 0, { -EINTR, -EINTR, 0, 0 } },
};

struct situation {
	const struct call *call;
	enum disturbance how;
};

static int sit_in_call(void *arg)
{
	const struct situation *s = arg;
	unsigned long start;

	if (s->how == IGNORED)
		signal_set(SIGUSR1, SIG_IGN);
	else
		handle(SIGUSR1, count, s->how == HANDLER_RESTART ? SA_RESTART : 0);
	start = now_ms();
	shared->in_call = 1;
	shared->result = s->call->run();
	shared->elapsed_ms = now_ms() - start;
	shared->in_call = 2;
	return 0;
}

static void disturb(pid_t pid, enum disturbance how)
{
	int status;

	if (how != STOPPED_AND_CONTINUED) {
		SYS(kill, pid, SIGUSR1);
		return;
	}
	SYS(kill, pid, SIGSTOP);
	SYS(wait4, pid, &status, WUNTRACED, NULL);
	sleep_ms(10);
	SYS(kill, pid, SIGCONT);
}

static void check(const struct call *c, enum disturbance how)
{
	struct situation s = { c, how };
	long want = c->expected[how];
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	shared->result = FOR_EVER;
	SYS(pipe, pipe_fds);
	pid = child_start(sit_in_call, &s);
	wait_for_value(&shared->in_call, 1, 10);
	sleep_ms(30);
	disturb(pid, how);
	sleep_ms(30);
	if (want == FOR_EVER) {
		SYS(kill, pid, SIGKILL);
	} else if (want != -EINTR && c->finish) {
		expect_true("still in the call", shared->in_call == 1);
		c->finish();
	}
	child_wait(pid);
	note("%s, %s", c->name, disturbance_names[how]);
	expect_eq("  result", shared->result, want);
	expect_eq("  calls of the handler", shared->calls, how <= HANDLER_RESTART);
	if (want == c->end && c->finish == NULL && want != FOR_EVER)
		expect_true("  no shorter than asked", shared->elapsed_ms >= 249);
	SYS(close, pipe_fds[0]);
	SYS(close, pipe_fds[1]);
}

static void table(enum disturbance how)
{
	shared = map_shared(PAGE);
	for (unsigned i = 0; i < COUNT(calls); i++)
		check(&calls[i], how);
}

static void with_handler(void)
{
	table(HANDLER);
}

static void with_restart(void)
{
	table(HANDLER_RESTART);
}

static void with_ignored(void)
{
	table(IGNORED);
}

static void with_stop(void)
{
	table(STOPPED_AND_CONTINUED);
}

/* wait4: the same, with a grandchild to wait for. */
static int sit_in_wait(void *flags)
{
	handle(SIGUSR1, count, (unsigned long)flags);
	grandchild = child_start(sleep_for_ever, NULL);
	shared->futex = grandchild;
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
		sleep_ms(30);
		SYS(kill, pid, SIGUSR1);
		sleep_ms(30);
		SYS(kill, shared->futex, SIGKILL);
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
/* Garbage in the high half of RAX, which the number does not have (R6.13): restarted all the same. */
static int sleep_with_high_half(void *unused)
{
	struct __kernel_old_timespec t = { 0, 150000000 };
	struct regs in = { .ax = 0xffffffff00000000ul | __NR_nanosleep, .flags = FLAG_FIXED | FLAG_IF };
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
	int status;
	pid_t pid;

	shared = map_shared(PAGE);
	pid = child_start(sleep_with_high_half, NULL);
	wait_for_value(&shared->in_call, 1, 10);
	sleep_ms(30);
	SYS(kill, pid, SIGSTOP);
	SYS(wait4, pid, &status, WUNTRACED, NULL);
	SYS(kill, pid, SIGCONT);
	expect_status("ends", child_wait(pid), EXITED(0));
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
	int status;
	pid_t pid;

	shared = map_shared(PAGE);
	pid = child_start(sleep_int80, low);
	wait_for_value(&shared->in_call, 1, 10);
	sleep_ms(30);
	SYS(kill, pid, SIGSTOP);
	SYS(wait4, pid, &status, WUNTRACED, NULL);
	SYS(kill, pid, SIGCONT);
	child_wait(pid);
	expect_eq("nanosleep by INT 0x80", shared->result, 0);
}
#endif

static const struct test_case cases[] = {
	{ "handler", with_handler },
	{ "handler with SA_RESTART", with_restart },
	{ "ignored signal", with_ignored },
	{ "SIGSTOP and SIGCONT", with_stop },
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

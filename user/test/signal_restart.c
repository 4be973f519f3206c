/* SPDX-License-Identifier: MIT */
/*
 * System calls that a signal interrupts (spec 6.10, R6.20): nanosleep, pause, a read on a pipe,
 * futex, poll and more, each with a handler with and without SA_RESTART, with an ignored signal,
 * and stopped and continued.  A child sits in the call; the parent disturbs it, then lets it end.
 */
#include "user/lib/clock.h"
#include "user/lib/handler.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

enum disturbance { HANDLER, HANDLER_RESTART, IGNORED, STOPPED_AND_CONTINUED, DISTURBANCES };
static const char *const disturbance_names[] = { "handler", "handler, SA_RESTART", "ignored",
						 "SIGSTOP, SIGCONT" };

#define LIMIT_MS 250	/* of the calls that have a time limit */

/* Shared with the child. */
static struct {
	int in_call, calls, futex;
	long result;
	int64_t start_ms, elapsed_ms;
} *shared;

static int pipe_fds[2];

static void count(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info, (void)uc;
	shared->calls++;
}

/* Each call blocks until its finish function lets it end, or for ever. */
static long call_nanosleep(void)
{
	struct __kernel_old_timespec t = { 0, LIMIT_MS * 1000000 };

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

static long call_futex(void)
{
	return futex_wait(&shared->futex, 0);
}

static long call_futex_timeout(void)
{
	struct __kernel_old_timespec t = { 0, LIMIT_MS * 1000000 };

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
	struct __kernel_old_timespec t = { 0, LIMIT_MS * 1000000 };

	return SYS(rt_sigtimedwait, &set, NULL, &t, sizeof(set));
}

static long call_poll(void)
{
	struct { int fd; short events, revents; } p = { pipe_fds[0], 1, 0 };

	return SYS(poll, &p, 1, LIMIT_MS);
}

static void finish_read(void)
{
	SYS(write, pipe_fds[1], "x", 1);
}

/* Again and again: it may not be back in the call yet. */
static void finish_futex(void)
{
	for (unsigned i = 0; i < 2000 && shared->in_call == 1; i++) {
		futex_wake(&shared->futex, 1);
		sleep_ms(5);
	}
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

	if (s->how == IGNORED)
		signal_set(SIGUSR1, SIG_IGN);
	else
		handle(SIGUSR1, count, s->how == HANDLER_RESTART ? SA_RESTART : 0);
	shared->start_ms = clock_ms(CLOCK_MONOTONIC);
	shared->in_call = 1;
	shared->result = s->call->run();
	shared->elapsed_ms = clock_ms(CLOCK_MONOTONIC) - shared->start_ms;
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

/*
 * A child in the call, asleep and then disturbed.  False, and no child, if that took so long that
 * the time limit of the call may have come first.
 */
static bool disturbed_in_call(const struct call *c, enum disturbance how, pid_t *pid)
{
	struct situation s = { c, how };

	memset(shared, 0, sizeof(*shared));
	shared->result = FOR_EVER;
	*pid = child_start(sit_in_call, &s);
	wait_for_value(&shared->in_call, 1, 10);
	if (child_wait_asleep(*pid)) {
		disturb(*pid, how);
		if (clock_ms(CLOCK_MONOTONIC) - shared->start_ms < LIMIT_MS - 50)
			return true;
	}
	SYS(kill, *pid, SIGKILL);
	child_wait(*pid);
	return false;
}

static void end_call(const struct call *c, enum disturbance how, pid_t pid)
{
	long want = c->expected[how];

	if (how <= HANDLER_RESTART)
		wait_for_value(&shared->calls, 1, 10);
	else
		sleep_ms(30);
	if (want == FOR_EVER) {
		SYS(kill, pid, SIGKILL);
	} else if (want != -EINTR && c->finish) {
		expect_true("  still in the call", shared->in_call == 1);
		c->finish();
	}
	child_wait(pid);
}

/* The signal was sent in time, but when the child went on its time limit had come, too. */
static bool limit_came_first(const struct call *c, long want)
{
	return want == -EINTR && shared->result == c->end && shared->elapsed_ms >= LIMIT_MS - 1;
}

static void check(const struct call *c, enum disturbance how)
{
	long want = c->expected[how];
	unsigned tries;
	pid_t pid;

	note("%s, %s", c->name, disturbance_names[how]);
	SYS(pipe, pipe_fds);
	for (tries = 1; tries < 20; tries++) {
		if (!disturbed_in_call(c, how, &pid))
			continue;
		end_call(c, how, pid);
		if (!limit_came_first(c, want))
			break;
	}
	expect_true("  disturbed in time", tries < 20);
	expect_eq("  result", shared->result, want);
	expect_eq("  calls of the handler", shared->calls, how <= HANDLER_RESTART);
	if (want == c->end && c->finish == NULL && want != FOR_EVER)
		expect_true("  no shorter than asked", shared->elapsed_ms >= LIMIT_MS - 1);
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

static const struct test_case cases[] = {
	{ "handler", with_handler },
	{ "handler with SA_RESTART", with_restart },
	{ "ignored signal", with_ignored },
	{ "SIGSTOP and SIGCONT", with_stop },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

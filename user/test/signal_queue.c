/* SPDX-License-Identifier: MIT */
/*
 * Queued real-time signals and their order, the limit of the queue, and waiting for signals:
 * sigsuspend, sigtimedwait, pselect, with handlers; which thread of a process is interrupted.
 */
#include <linux/resource.h>
#include "user/lib/handler.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

static struct {
	int signo;
	uintptr_t value;
} got[64];
static unsigned taken;

static void take(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)uc;
	if (taken < COUNT(got)) {
		got[taken].signo = signo;
		got[taken].value = (uintptr_t)info->si_ptr;
	}
	taken++;
}

static long queue_code(int signo, uintptr_t value, int code)
{
	siginfo_t q = { .si_signo = signo, .si_code = code, .si_ptr = (void *)value };

	return SYS(rt_sigqueueinfo, self_pid(), signo, &q);
}

static long queue(int signo, uintptr_t value)
{
	return queue_code(signo, value, SI_QUEUE);
}

#define BLOCKED (SIGNAL_BIT(SIGUSR1) | SIGNAL_BIT(40) | SIGNAL_BIT(41) | SIGNAL_BIT(64))

/* By sigtimedwait, which hands them out one by one: lowest number first, oldest first. */
static void order(void)
{
	static const struct { int signo; uintptr_t value; } want[] = {
		{ SIGUSR1, 1 }, { 40, 20 }, { 40, 21 }, { 40, 22 }, { 41, 10 }, { 41, 11 },
		{ 64, 5 },
	};
	struct __kernel_old_timespec none = { 0, 0 };
	uint64_t set = BLOCKED;
	siginfo_t info;

	signal_mask(SIG_BLOCK, BLOCKED, NULL);
	queue(41, 10), queue(64, 5), queue(40, 20), queue(41, 11), queue(40, 21);
	queue(SIGUSR1, 1), queue(SIGUSR1, 2), queue(40, 22);
	for (unsigned i = 0; i < COUNT(want); i++) {
		long signo = SYS(rt_sigtimedwait, &set, &info, &none, sizeof(set));

		expect_eq("signal", signo, want[i].signo);
		expect_eq("value", (long)(uintptr_t)info.si_ptr, (long)want[i].value);
	}
	expect_error("no more; the second SIGUSR1 was merged",
		     SYS(rt_sigtimedwait, &set, &info, &none, sizeof(set)), EAGAIN);
	signal_mask(SIG_UNBLOCK, BLOCKED, NULL);
}

/* A program may say that it is a timer: that makes it none, which would have one signal at most. */
static void code_of_a_timer(void)
{
	struct __kernel_old_timespec none = { 0, 0 };
	uint64_t set = BLOCKED;
	siginfo_t info;

	signal_mask(SIG_BLOCK, BLOCKED, NULL);
	queue_code(40, 1, SI_TIMER), queue_code(40, 2, SI_TIMER);
	for (long i = 1; i <= 2; i++) {
		expect_eq("signal", SYS(rt_sigtimedwait, &set, &info, &none, sizeof(set)), 40);
		expect_eq("code", info.si_code, SI_TIMER);
		expect_eq("value", (long)(uintptr_t)info.si_ptr, i);
	}
	signal_mask(SIG_UNBLOCK, BLOCKED, NULL);
}

/* Into handlers, all at once: frames are built in that order, so the last one runs first. */
static void into_handlers(void)
{
	static const int want[] = { 64, 41, 40, 40 };

	for (unsigned i = 0; i < COUNT(want); i++)
		handle_masked(want[i], take, 0, SIGNAL_BIT(40) | SIGNAL_BIT(41) | SIGNAL_BIT(64));
	signal_mask(SIG_BLOCK, BLOCKED, NULL);
	taken = 0;
	queue(41, 1), queue(40, 2), queue(64, 3), queue(40, 4);
	signal_mask(SIG_UNBLOCK, BLOCKED, NULL);
	expect_eq("all four", taken, 4);
	/* Each handler blocks all of them: one after the other, in order of number and age. */
	expect_eq("first", got[0].signo, 40);
	expect_eq("its value", (long)got[0].value, 2);
	expect_eq("second", got[1].signo, 40);
	expect_eq("its value", (long)got[1].value, 4);
	expect_eq("third", got[2].signo, 41);
	expect_eq("fourth", got[3].signo, 64);
	for (unsigned i = 0; i < COUNT(want); i++)
		signal_set(want[i], SIG_DFL);
}

static int fill_queue(void *unused)
{
	struct rlimit64 limit = { 20, 20 };
	long err = 0;
	unsigned n = 0;

	(void)unused;
	signal_mask(SIG_BLOCK, BLOCKED, NULL);
	expect_eq("prlimit64", SYS(prlimit64, 0, RLIMIT_SIGPENDING, &limit, NULL), 0);
	while (n < 100 && !(err = queue(40, n)))
		n++;
	expect_error("the queue is full", err, EAGAIN);
	expect_true("after not more than 20", n <= 20);
	expect_eq("kill still works", SYS(kill, self_pid(), 41), 0);
	expect_true("and is pending", !!(signal_pending() & SIGNAL_BIT(41)));
	return test_failed();
}

static void limit(void)
{
	expect_status("RLIMIT_SIGPENDING", child_run(fill_queue, NULL), EXITED(0));
}


static void note_mask(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)info;
	take(signo, info, uc);
	got[COUNT(got) - 1].value = (uintptr_t)frame_mask(uc);
}

static void suspend(void)
{
	uint64_t open = 0, mask = 0, usr1 = SIGNAL_BIT(SIGUSR1), usr2 = SIGNAL_BIT(SIGUSR2);

	handle(SIGUSR1, note_mask, SA_RESTART);
	signal_mask(SIG_BLOCK, usr1, NULL);
	taken = 0;
	SYS(kill, self_pid(), SIGUSR1);
	expect_eq("blocked", taken, 0);
	open = usr2;
	expect_error("rt_sigsuspend", SYS(rt_sigsuspend, &open, sizeof(open)), EINTR);
	expect_eq("the handler ran", taken, 1);
	expect_hex("its frame holds the mask of before", got[COUNT(got) - 1].value, usr1);
	signal_mask(SIG_BLOCK, 0, &mask);
	expect_hex("which is back", (unsigned long)mask, (unsigned long)usr1);
	signal_mask(SIG_UNBLOCK, usr1, NULL);
}

static int send_later(void *signo)
{
	pid_t parent = (pid_t)SYS(getppid);

	child_wait_asleep(parent);
	return (int)SYS(kill, parent, (long)signo);
}

static void timed_wait(void)
{
	struct __kernel_old_timespec t = { 5, 0 };
	uint64_t set = SIGNAL_BIT(SIGUSR2);
	siginfo_t info;
	pid_t pid;

	handle(SIGUSR1, take, SA_RESTART);
	signal_mask(SIG_BLOCK, set, NULL);
	taken = 0;
	pid = child_start(send_later, (void *)SIGUSR2);
	expect_eq("the awaited signal", SYS(rt_sigtimedwait, &set, &info, &t, sizeof(set)),
		  SIGUSR2);
	expect_eq("si_pid", info.si_pid, pid);
	child_wait(pid);
	pid = child_start(send_later, (void *)SIGUSR1);
	expect_error("another one's handler", SYS(rt_sigtimedwait, &set, &info, &t, sizeof(set)),
		     EINTR);
	expect_eq("ran", taken, 1);
	child_wait(pid);
	signal_mask(SIG_UNBLOCK, set, NULL);
}

static void pselect_mask(void)
{
	struct __kernel_old_timespec t = { 5, 0 };
	uint64_t empty = 0, mask = 0, usr1 = SIGNAL_BIT(SIGUSR1);
	struct { const void *set; unsigned long size; } arg = { &empty, sizeof(empty) };

	handle(SIGUSR1, take, SA_RESTART);
	signal_mask(SIG_BLOCK, usr1, NULL);
	taken = 0;
	SYS(kill, self_pid(), SIGUSR1);
	expect_error("pselect6 lets it in", SYS(pselect6, 0, NULL, NULL, NULL, &t, &arg), EINTR);
	expect_eq("the handler ran", taken, 1);
	signal_mask(SIG_BLOCK, 0, &mask);
	expect_hex("the mask is back", (unsigned long)mask, (unsigned long)usr1);
	signal_mask(SIG_UNBLOCK, usr1, NULL);
}

static int thread_tid, thread_ready, handler_tid;

static void note_tid(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)info, (void)uc;
	handler_tid = (int)SYS(gettid);
}

static void wait_in_thread(void *unused)
{
	(void)unused;
	thread_tid = (int)SYS(gettid);
	__atomic_store_n(&thread_ready, 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&thread_ready, __ATOMIC_ACQUIRE) == 1)
		sleep_ms(5);
}

/* Directed to a thread, and to the process while only the other thread has it unblocked. */
static void threads(void)
{
	struct thread t;

	thread_ready = 0;
	handle(SIGUSR1, note_tid, 0);
	expect_ok("thread", thread_start(&t, wait_in_thread, NULL));
	wait_for_value(&thread_ready, 1, 10);
	handler_tid = 0;
	SYS(tgkill, self_pid(), thread_tid, SIGUSR1);
	wait_for_value(&handler_tid, thread_tid, 10);
	expect_eq("tgkill reaches that thread", handler_tid, thread_tid);
	signal_mask(SIG_BLOCK, SIGNAL_BIT(SIGUSR1), NULL);
	handler_tid = 0;
	SYS(kill, self_pid(), SIGUSR1);
	wait_for_value(&handler_tid, thread_tid, 10);
	expect_eq("kill reaches the one that has it unblocked", handler_tid, thread_tid);
	signal_mask(SIG_UNBLOCK, SIGNAL_BIT(SIGUSR1), NULL);
	handler_tid = 0;
	SYS(tgkill, self_pid(), self_pid(), SIGUSR1);
	expect_eq("tgkill to oneself: before it returns", handler_tid, self_pid());
	__atomic_store_n(&thread_ready, 2, __ATOMIC_RELEASE);
	thread_join(&t);
}

static const struct test_case cases[] = {
	{ "order", order },
	{ "code of a timer", code_of_a_timer },
	{ "into handlers", into_handlers },
	{ "limit", limit },
	{ "rt_sigsuspend", suspend },
	{ "rt_sigtimedwait", timed_wait },
	{ "pselect6", pselect_mask },
	{ "threads", threads },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

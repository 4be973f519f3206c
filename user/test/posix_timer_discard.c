/* SPDX-License-Identifier: MIT */
/*
 * A periodic timer goes on when its pending signal is discarded: because it becomes ignored, or
 * because SIGCONT and the stop signals cancel each other (POSIX 2.4.3).  What comes first is
 * always waited for.
 *
 * Linux lets a timer stand still whose signal was cancelled, or is ignored by default only.
 */
#include <linux/utsname.h>
#include "user/lib/handler.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"
#include "user/test/posix_timers.h"

static volatile int signals;

static void count(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)uc;
	if (info->si_code == SI_TIMER)
		signals++;
}

static void wait_for(int n)
{
	for (unsigned i = 0; i < 10000 && signals < n; i++)
		sleep_ms(2);
}

/* A timer whose signal is pending, in the process or in this thread. */
static int pending_timer(int signo, int notify)
{
	int id = create(CLOCK_MONOTONIC, notify, signo, 0);

	handle(signo, count, 0);
	signal_mask(SIG_BLOCK, SIGNAL_BIT(signo), NULL);
	expect_eq("timer_settime", set(id, 0, MS, MS, NULL), 0);
	wait_pending(signo);
	expect_true("its signal is pending", is_pending(signo));
	return id;
}

static void goes_on(int id, int signo)
{
	signals = 0;
	signal_mask(SIG_UNBLOCK, SIGNAL_BIT(signo), NULL);
	wait_for(3);
	expect_true("the timer goes on", signals >= 3);
	expect_eq("timer_delete", SYS(timer_delete, id), 0);
}

static void becomes_ignored(int signo, int notify, void *ignoring)
{
	int id = pending_timer(signo, notify);

	expect_eq("ignored", signal_set(signo, ignoring), 0);
	handle(signo, count, 0);
	goes_on(id, signo);
}

/* Since 6.13 a timer goes on that is no longer ignored. */
static bool too_old(void)
{
	unsigned version[2] = { 0, 0 }, part = 0;
	struct new_utsname name;
	bool old;

	if (on_paranoid() || SYS(uname, &name))
		return false;
	for (const char *c = name.release; part < 2 && *c; c++) {
		if (*c >= '0' && *c <= '9')
			version[part] = version[part] * 10 + (unsigned)(*c - '0');
		else
			part++;
	}
	old = version[0] < 6 || (version[0] == 6 && version[1] < 13);
	if (old)
		skip("not on Linux: before 6.13 the timer stands still");
	return old;
}

static void ignored(void)
{
	if (too_old())
		return;
	becomes_ignored(SIGUSR1, SIGEV_SIGNAL, SIG_IGN);
	becomes_ignored(SIGRTMIN + 1, SIGEV_SIGNAL, SIG_IGN);
}

static void of_a_thread(void)
{
	if (too_old())
		return;
	becomes_ignored(SIGUSR1, SIGEV_SIGNAL | SIGEV_THREAD_ID, SIG_IGN);
	becomes_ignored(SIGRTMIN + 1, SIGEV_SIGNAL | SIGEV_THREAD_ID, SIG_IGN);
}

static bool stands_still_on_linux(void)
{
	if (!on_paranoid())
		skip("not on Linux: there the timer stands still");
	return !on_paranoid();
}

static void ignored_by_default(void)
{
	if (stands_still_on_linux())
		return;
	becomes_ignored(SIGURG, SIGEV_SIGNAL, SIG_DFL);
}

/* canceller comes from this thread, with a handler where its default action would stop us. */
static void cancelled(int signo, int canceller)
{
	int id = pending_timer(signo, SIGEV_SIGNAL);

	handle(canceller, count, 0);
	expect_eq("kill", SYS(kill, self_pid(), canceller), 0);
	goes_on(id, signo);
}

static void by_its_opposite(void)
{
	if (stands_still_on_linux())
		return;
	cancelled(SIGTSTP, SIGCONT);
	cancelled(SIGTTIN, SIGCONT);
	cancelled(SIGCONT, SIGTSTP);
}

static int *ready, *cancelled_now;

static int sleeps_meanwhile(void *unused)
{
	int id = pending_timer(SIGTSTP, SIGEV_SIGNAL);

	(void)unused;
	*ready = 1;
	expect_true("the parent has sent SIGCONT", wait_for_value(cancelled_now, 1, 60));
	goes_on(id, SIGTSTP);
	return test_failed();
}

/* From outside, first to a process that is stopped, then to one that is not. */
static void by_another_process(void)
{
	if (stands_still_on_linux())
		return;
	ready = map_shared(PAGE);
	cancelled_now = ready + 1;
	for (int stop = 1; stop >= 0; stop--) {
		*ready = *cancelled_now = 0;
		pid_t pid = child_start(sleeps_meanwhile, NULL);

		expect_true("the child is ready", wait_for_value(ready, 1, 60));
		if (stop)
			SYS(kill, pid, SIGSTOP);
		SYS(kill, pid, SIGCONT);
		*cancelled_now = 1;
		expect_status("child", child_wait(pid), EXITED(0));
	}
	unmap(ready, PAGE);
}

static int waits_for_another(void *unused)
{
	const uint64_t usr1 = SIGNAL_BIT(SIGUSR1);
	int id;

	(void)unused;
	signal_set(SIGCONT, SIG_DFL);
	signal_mask(SIG_BLOCK, usr1, NULL);
	id = pending_timer(SIGTSTP, SIGEV_SIGNAL);
	*ready = 1;
	expect_eq("it gets what it waits for", SYS(rt_sigtimedwait, &usr1, NULL, NULL, 8), SIGUSR1);
	SYS(timer_delete, id);
	return test_failed();
}

/* That a timer's signal is cancelled does not end a wait for another one. */
static void while_waiting(void)
{
	pid_t pid;

	ready = map_shared(PAGE);
	pid = child_start(waits_for_another, NULL);
	expect_true("the child is ready", wait_for_value(ready, 1, 60));
	for (unsigned i = 0; i < 5; i++) {
		expect_true("asleep", child_wait_asleep(pid));
		SYS(kill, pid, SIGCONT);
	}
	expect_true("asleep", child_wait_asleep(pid));
	SYS(kill, pid, SIGUSR1);
	expect_status("child", child_wait(pid), EXITED(0));
	unmap(ready, PAGE);
}

static volatile int thread_done;

static void ends_meanwhile(void *unused)
{
	(void)unused;
	while (!thread_done)
		sleep_ms(1);
}

/* Threads that come and go while signals are discarded: whoever is left sees to it. */
static void threads_come_and_go(void)
{
	int id;

	if (stands_still_on_linux())
		return;
	id = pending_timer(SIGTSTP, SIGEV_SIGNAL);
	handle(SIGCONT, count, 0);
	for (unsigned i = 0; i < 20; i++) {
		struct thread t;

		thread_done = 0;
		if (!expect_ok("clone", thread_start(&t, ends_meanwhile, NULL)))
			break;
		SYS(kill, self_pid(), SIGCONT);
		thread_done = 1;
		thread_join(&t);
		wait_pending(SIGTSTP);
	}
	goes_on(id, SIGTSTP);
}

static const struct test_case cases[] = {
	{ "ignored", ignored },
	{ "ignored, of a thread", of_a_thread },
	{ "ignored by default", ignored_by_default },
	{ "cancelled by its opposite", by_its_opposite },
	{ "cancelled by another process", by_another_process },
	{ "while another is waited for", while_waiting },
	{ "threads come and go", threads_come_and_go },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

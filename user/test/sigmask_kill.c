/* SPDX-License-Identifier: MIT */
/*
 * Signals without handlers: default actions, ignored ones, blocked and pending ones, whom kill
 * reaches, and what fork and exec keep (signal(7)).
 */
#include "user/lib/file.h"
#include "user/lib/signals.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define UNBLOCKED_EXIT 55

static const int default_kills[] = { SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS,
				     SIGFPE, SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM,
				     SIGSTKFLT, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGIO,
				     SIGPWR, SIGSYS, 32, 40, 64 };
static const int default_ignores[] = { SIGCHLD, SIGURG, SIGWINCH, SIGCONT };

static int raise_it(void *signo)
{
	SYS(kill, self_pid(), (long)signo);
	return 0;
}

/* Whoever started us may have left signals ignored; exec keeps that. */
static int raise_default(void *signo)
{
	signal_set((int)(long)signo, SIG_DFL);
	return raise_it(signo);
}

static int raise_ignored(void *signo)
{
	signal_set((int)(long)signo, SIG_IGN);
	return raise_it(signo);
}

static void default_actions(void)
{
	for (unsigned i = 0; i < COUNT(default_kills); i++)
		expect_status(signal_name(default_kills[i]),
			      child_run(raise_default, (void *)(long)default_kills[i]),
			      KILLED(default_kills[i]));
	for (unsigned i = 0; i < COUNT(default_ignores); i++)
		expect_status(signal_name(default_ignores[i]),
			      child_run(raise_default, (void *)(long)default_ignores[i]), EXITED(0));
}

static void ignored(void)
{
	for (unsigned i = 0; i < COUNT(default_kills); i++)
		if (child_run(raise_ignored, (void *)(long)default_kills[i]) != EXITED(0))
			fail("%s was not ignored", signal_name(default_kills[i]));
	note("%u signals ignored", (unsigned)COUNT(default_kills));
	expect_error("SIGKILL cannot be", signal_set(SIGKILL, SIG_IGN), EINVAL);
	expect_error("SIGSTOP cannot be", signal_set(SIGSTOP, SIG_IGN), EINVAL);
	expect_error("no signal 0", signal_set(0, SIG_IGN), EINVAL);
	expect_error("no signal 65", signal_set(65, SIG_IGN), EINVAL);
	expect_status("SIGKILL anyhow", child_run(raise_ignored, (void *)SIGKILL), KILLED(SIGKILL));
}

/* Blocked: it stays pending; unblocked: it acts before the call returns. */
static int block_then_unblock(void *unused)
{
	uint64_t old = 0, set = SIGNAL_BIT(SIGTERM) | SIGNAL_BIT(SIGUSR1);

	(void)unused;
	expect_eq("block", signal_mask(SIG_BLOCK, set, &old), 0);
	SYS(kill, self_pid(), SIGTERM);
	SYS(kill, self_pid(), SIGTERM);
	expect_hex("pending", (unsigned long)signal_pending(), (unsigned long)SIGNAL_BIT(SIGTERM));
	signal_mask(SIG_BLOCK, 0, &old);
	expect_hex("mask", (unsigned long)old, (unsigned long)set);
	signal_set(SIGTERM, SIG_IGN);
	expect_hex("ignoring it discards it", (unsigned long)signal_pending(), 0);
	signal_set(SIGTERM, SIG_DFL);
	SYS(kill, self_pid(), SIGUSR1);
	if (test_failed())
		return 1;
	signal_mask(SIG_UNBLOCK, set, NULL);
	return UNBLOCKED_EXIT;
}

static int block_the_unblockable(void *unused)
{
	uint64_t all = 0;

	(void)unused;
	signal_mask(SIG_SETMASK, ~0ull, NULL);
	signal_mask(SIG_BLOCK, 0, &all);
	expect_hex("SIGKILL and SIGSTOP stay out of the mask",
		   (unsigned long)(~all & (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP))),
		   (unsigned long)(SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP)));
	if (test_failed())
		return 1;
	SYS(kill, self_pid(), SIGKILL);
	return UNBLOCKED_EXIT;
}

/* A fault cannot be blocked: the process dies instead of looping. */
static int fault_blocked(void *ignore)
{
	signal_mask(SIG_SETMASK, ~0ull, NULL);
	if (ignore)
		signal_set(SIGSEGV, SIG_IGN);
	page_fault();
	return UNBLOCKED_EXIT;
}

static void blocked(void)
{
	expect_status("unblocked with SIGUSR1 pending", child_run(block_then_unblock, NULL),
		      KILLED(SIGUSR1));
	expect_status("all blocked, then SIGKILL", child_run(block_the_unblockable, NULL),
		      KILLED(SIGKILL));
	expect_status("page fault with SIGSEGV blocked", child_run(fault_blocked, NULL),
		      KILLED(SIGSEGV));
	expect_status("page fault with SIGSEGV ignored", child_run(fault_blocked, (void *)1),
		      KILLED(SIGSEGV));
	expect_error("wrong size of the set", SYS(rt_sigprocmask, SIG_BLOCK, NULL, NULL, 4),
		     EINVAL);
	expect_error("wrong operation", signal_mask(99, 0, NULL), EINVAL);
}

static void whom_kill_reaches(void)
{
	pid_t a = child_start(sleep_for_ever, NULL), b = child_start(sleep_for_ever, NULL);

	expect_error("no such process", SYS(kill, 999999999, SIGTERM), ESRCH);
	expect_error("no such signal", SYS(kill, a, 65), EINVAL);
	expect_eq("signal 0 only looks", SYS(kill, a, 0), 0);
	SYS(setpgid, a, a), SYS(setpgid, b, a);
	expect_error("no such group", SYS(kill, -999999999, SIGTERM), ESRCH);
	expect_eq("a group", SYS(kill, -a, SIGUSR2), 0);
	expect_status("first member", child_wait(a), KILLED(SIGUSR2));
	expect_status("second member", child_wait(b), KILLED(SIGUSR2));
	a = child_start(sleep_for_ever, NULL);
	expect_error("tgkill with the wrong group", SYS(tgkill, self_pid(), a, SIGTERM), ESRCH);
	expect_eq("tgkill", SYS(tgkill, a, a, SIGTERM), 0);
	expect_status("by tgkill", child_wait(a), KILLED(SIGTERM));
}

/* Signal 65: that nobody is there comes first. */
static void neither_signal_nor_receiver(void)
{
	enum { NOBODY = 999999999, NO_SIGNAL = 65 };
	siginfo_t info = { .si_code = SI_QUEUE };
	pid_t me = self_pid();

	expect_error("kill", SYS(kill, NOBODY, NO_SIGNAL), ESRCH);
	expect_error("kill, a group", SYS(kill, -NOBODY, NO_SIGNAL), ESRCH);
	expect_error("tkill", SYS(tkill, NOBODY, NO_SIGNAL), ESRCH);
	expect_error("tgkill", SYS(tgkill, me, NOBODY, NO_SIGNAL), ESRCH);
	expect_error("rt_sigqueueinfo", SYS(rt_sigqueueinfo, NOBODY, NO_SIGNAL, &info), ESRCH);
	expect_error("rt_tgsigqueueinfo",
		     SYS(rt_tgsigqueueinfo, me, NOBODY, NO_SIGNAL, &info), ESRCH);
	for (int bad = -1; bad <= NO_SIGNAL; bad += NO_SIGNAL + 1) {
		expect_error("kill to oneself", SYS(kill, me, bad), EINVAL);
		expect_error("to one's group", SYS(kill, 0, bad), EINVAL);
		expect_error("tkill", SYS(tkill, me, bad), EINVAL);
		expect_error("tgkill", SYS(tgkill, me, me, bad), EINVAL);
		expect_error("rt_sigqueueinfo", SYS(rt_sigqueueinfo, me, bad, &info), EINVAL);
		info.si_code = SEGV_MAPERR;
		expect_error("with a fault's code", SYS(rt_sigqueueinfo, me, bad, &info), EINVAL);
	}
}

static int exec_check(void *unused)
{
	char *argv[] = { self_path(), "check", NULL };

	(void)unused;
	signal_set(SIGUSR1, SIG_IGN);
	signal_mask(SIG_SETMASK, SIGNAL_BIT(SIGUSR2), NULL);
	SYS(kill, self_pid(), SIGUSR2);
	return -(int)SYS(execve, argv[0], argv, program_envp);
}

static int check_after_exec(void)
{
	uint64_t mask = 0;

	signal_mask(SIG_BLOCK, 0, &mask);
	expect_true("an ignored signal stays ignored", signal_get(SIGUSR1) == SIG_IGN);
	expect_hex("the mask stays", (unsigned long)mask, (unsigned long)SIGNAL_BIT(SIGUSR2));
	expect_hex("pending ones stay", (unsigned long)signal_pending(),
		   (unsigned long)SIGNAL_BIT(SIGUSR2));
	return test_failed();
}

static int check_child_pending(void *unused)
{
	uint64_t mask = 0;

	(void)unused;
	signal_mask(SIG_BLOCK, 0, &mask);
	expect_hex("a child has nothing pending", (unsigned long)signal_pending(), 0);
	expect_hex("but its parent's mask", (unsigned long)mask,
		   (unsigned long)SIGNAL_BIT(SIGUSR2));
	return test_failed();
}

static void across_fork_and_exec(void)
{
	expect_status("exec", child_run(exec_check, NULL), EXITED(0));
	signal_mask(SIG_BLOCK, SIGNAL_BIT(SIGUSR2), NULL);
	SYS(kill, self_pid(), SIGUSR2);
	expect_status("fork", child_run(check_child_pending, NULL), EXITED(0));
	signal_set(SIGUSR2, SIG_IGN);
	signal_mask(SIG_UNBLOCK, SIGNAL_BIT(SIGUSR2), NULL);
	signal_set(SIGUSR2, SIG_DFL);
}

static const struct test_case cases[] = {
	{ "default actions", default_actions },
	{ "ignored signals", ignored },
	{ "blocked signals", blocked },
	{ "whom kill reaches", whom_kill_reaches },
	{ "neither signal nor receiver", neither_signal_nor_receiver },
	{ "fork and exec", across_fork_and_exec },
};

int main(int argc, char **argv, char **envp)
{
	(void)argv, (void)envp;
	return argc > 1 ? check_after_exec() : RUN_CASES(cases);
}

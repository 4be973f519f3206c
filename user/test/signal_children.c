/* SPDX-License-Identifier: MIT */
/* SIGCHLD: what its handler learns, and SA_NOCLDSTOP and SA_NOCLDWAIT. */
#include "user/lib/handler.h"
#include "user/lib/test.h"

static struct {
	int code, pid, status;
	unsigned calls;
} seen;

static void look(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)uc;
	seen.code = info->si_code;
	seen.pid = info->si_pid;
	seen.status = info->si_status;
	seen.calls++;
}

static int exit_5(void *unused)
{
	(void)unused;
	return 5;
}

static int kill_itself(void *unused)
{
	(void)unused;
	SYS(kill, self_pid(), SIGTERM);
	return 0;
}

static int stop_itself(void *unused)
{
	(void)unused;
	SYS(kill, self_pid(), SIGSTOP);
	return 7;
}

static void wait_for_call(unsigned calls)
{
	struct __kernel_old_timespec t = { 0, 5000000 };

	for (unsigned i = 0; i < 1000 && *(volatile unsigned *)&seen.calls < calls; i++)
		SYS(nanosleep, &t, NULL);
}

static void expect_child(const char *what, pid_t pid, int code, int status)
{
	note("%s", what);
	expect_eq("  si_code", seen.code, code);
	expect_eq("  si_pid", seen.pid, pid);
	expect_eq("  si_status", seen.status, status);
}

static void from_children(void)
{
	pid_t pid;
	int status;

	handle(SIGCHLD, look, 0);
	seen.calls = 0;
	pid = child_start(exit_5, NULL);
	wait_for_call(1);
	expect_child("exit", pid, CLD_EXITED, 5);
	child_wait(pid);
	seen.calls = 0;
	pid = child_start(kill_itself, NULL);
	wait_for_call(1);
	expect_child("killed", pid, CLD_KILLED, SIGTERM);
	child_wait(pid);
	seen.calls = 0;
	pid = child_start(stop_itself, NULL);
	wait_for_call(1);
	expect_child("stopped", pid, CLD_STOPPED, SIGSTOP);
	SYS(kill, pid, SIGCONT);
	wait_for_call(2);
	while (SYS(wait4, pid, &status, 0, NULL) == -EINTR)
		;
	expect_status("continued and ended", status, EXITED(7));

	handle(SIGCHLD, look, SA_NOCLDSTOP);
	seen.calls = 0;
	pid = child_start(stop_itself, NULL);
	expect_eq("a stopped child", SYS(wait4, pid, &status, WUNTRACED, NULL), pid);
	expect_eq("SA_NOCLDSTOP: no signal", seen.calls, 0);
	SYS(kill, pid, SIGKILL);
	child_wait(pid);
	wait_for_call(1);
	expect_child("but for its end", pid, CLD_KILLED, SIGKILL);

	handle(SIGCHLD, look, SA_NOCLDWAIT);
	seen.calls = 0;
	pid = child_start(exit_5, NULL);
	wait_for_call(1);
	expect_child("SA_NOCLDWAIT: a signal", pid, CLD_EXITED, 5);
	expect_error("but no zombie", SYS(wait4, -1, NULL, 0, NULL), ECHILD);
	signal_set(SIGCHLD, SIG_DFL);
}

static const struct test_case cases[] = {
	{ "signals from children", from_children },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

/* SPDX-License-Identifier: MIT */
/*
 * Waiting for children: statuses, whom to wait for, options, waitid's siginfo, zombies,
 * and what becomes of a child whose parent ends first (wait(2)).
 */
#include "user/lib/test.h"
#include "user/lib/thread.h"

static int *shared;		/* a page common to all processes of the test */

static int exits_with(void *code)
{
	sys_exit((int)(long)code);
}

static int kills_itself(void *signo)
{
	SYS(kill, self_pid(), (long)signo);
	return 0;
}

static void exit_codes(void)
{
	static const int codes[] = { 0, 1, 42, 127, 128, 255 };
	char what[32];

	for (unsigned i = 0; i < COUNT(codes); i++) {
		format(what, sizeof(what), "exit(%d)", codes[i]);
		expect_status(what, child_run(exits_with, (void *)(long)codes[i]),
			      EXITED(codes[i]));
	}
	expect_status("exit(0x1234): the low byte", child_run(exits_with, (void *)0x1234l),
		      EXITED(0x34));
	expect_status("exit(-1)", child_run(exits_with, (void *)-1l), EXITED(255));
}

static void killed_by(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGKILL, SIGUSR1, SIGUSR2, SIGPIPE,
				       SIGALRM, SIGTERM, 34, 64 };
	char what[32];

	for (unsigned i = 0; i < COUNT(signals); i++) {
		format(what, sizeof(what), "kill(self, %s %d)", signal_name(signals[i]),
		       signals[i]);
		expect_status(what, child_run(kills_itself, (void *)(long)signals[i]),
			      KILLED(signals[i]));
	}
}

static void nobody_to_wait_for(void)
{
	int status = 0x5555;

	expect_error("no child", SYS(wait4, -1, &status, 0, NULL), ECHILD);
	expect_error("not at once either", SYS(wait4, -1, &status, WNOHANG, NULL), ECHILD);
	expect_error("a process that is no child", SYS(wait4, 1, &status, 0, NULL), ECHILD);
	expect_error("an unknown group", SYS(wait4, -999999, &status, 0, NULL), ECHILD);
	expect_error("unknown options", SYS(wait4, -1, &status, 0x100, NULL), EINVAL);
	expect_hex("status is left alone", (unsigned)status, 0x5555);
}

static void without_waiting(void)
{
	pid_t pid = child_start(sleep_for_ever, NULL);
	int status = 0x5555;

	expect_eq("a running child, WNOHANG", SYS(wait4, pid, &status, WNOHANG, NULL), 0);
	expect_hex("status is left alone", (unsigned)status, 0x5555);
	SYS(kill, pid, SIGKILL);
	expect_status("killed", child_wait(pid), KILLED(SIGKILL));
}

static void whom(void)
{
	pid_t a = child_start(exits_with, (void *)1), b = child_start(exits_with, (void *)2);
	int status = 0;

	expect_eq("the second first", SYS(wait4, b, &status, 0, NULL), b);
	expect_status("its status", status, EXITED(2));
	expect_eq("any child of this group", SYS(wait4, 0, &status, 0, NULL), a);
	expect_status("its status", status, EXITED(1));
	a = child_start(sleep_for_ever, NULL);
	expect_eq("a group of its own", SYS(setpgid, a, a), 0);
	expect_error("none is left in this group", SYS(wait4, 0, &status, WNOHANG, NULL), ECHILD);
	expect_eq("by group", SYS(wait4, -a, &status, WNOHANG, NULL), 0);
	SYS(kill, -a, SIGTERM);
	expect_eq("by group, ended", SYS(wait4, -a, &status, 0, NULL), a);
	expect_status("its status", status, KILLED(SIGTERM));
}

static void zombies(void)
{
	siginfo_t info = { .si_signo = 0 };
	pid_t pid = child_start(exits_with, (void *)5);

	expect_eq("waitid, leaving the zombie",
		  SYS(waitid, P_PID, pid, &info, WEXITED | WNOWAIT, NULL), 0);
	expect_eq("its signal is sent to nobody", SYS(kill, pid, SIGKILL), 0);
	expect_status("status", child_wait(pid), EXITED(5));
	expect_error("gone", SYS(kill, pid, 0), ESRCH);
	expect_error("not twice", SYS(wait4, pid, NULL, 0, NULL), ECHILD);
}

static void waitid_info(void)
{
	siginfo_t info = { .si_signo = 0 };
	pid_t pid = child_start(exits_with, (void *)9);

	expect_error("no event named", SYS(waitid, P_ALL, 0, &info, 0, NULL), EINVAL);
	expect_error("no such kind", SYS(waitid, 99, 0, &info, WEXITED, NULL), EINVAL);
	expect_error("no such descriptor", SYS(waitid, P_PIDFD, 999, &info, WEXITED, NULL), EBADF);
	expect_error("a negative one", SYS(waitid, P_PIDFD, -1, &info, WEXITED, NULL), EINVAL);
	expect_eq("waitid", SYS(waitid, P_PID, pid, &info, WEXITED, NULL), 0);
	expect_eq("si_signo", info.si_signo, SIGCHLD);
	expect_eq("si_code", info.si_code, CLD_EXITED);
	expect_eq("si_pid", info.si_pid, pid);
	expect_eq("si_status", info.si_status, 9);
	pid = child_start(sleep_for_ever, NULL);
	info.si_pid = 77;
	expect_eq("nothing yet", SYS(waitid, P_ALL, 0, &info, WEXITED | WNOHANG, NULL), 0);
	expect_eq("si_pid", info.si_pid, 0);
	SYS(kill, pid, SIGTERM);
	expect_eq("waitid", SYS(waitid, P_ALL, 0, &info, WEXITED, NULL), 0);
	expect_eq("si_code", info.si_code, CLD_KILLED);
	expect_eq("si_status", info.si_status, SIGTERM);
}

/* Child: starts a grandchild and ends; the grandchild sees its parent change. */
static int becomes_orphan(void *parent)
{
	long old = (long)parent;

	for (unsigned i = 0; i < 6000 && SYS(getppid) == old; i++)
		sleep_ms(5);
	shared[0] = (int)SYS(getppid);
	shared[1] = 1;
	return 0;
}

static int leaves_orphan(void *unused)
{
	(void)unused;
	child_start(becomes_orphan, (void *)(long)self_pid());
	return 3;
}

static void orphans(void)
{
	pid_t pid;

	shared[0] = shared[1] = 0;
	pid = child_start(leaves_orphan, NULL);
	expect_status("child", child_wait(pid), EXITED(3));
	expect_true("the grandchild got another parent", wait_for_value(&shared[1], 1, 30));
	if (on_paranoid())
		expect_eq("process 1", shared[0], 1);
	else
		note("it is process %d (1, or the nearest subreaper)", shared[0]);
	expect_error("it is not ours", SYS(wait4, -1, NULL, WNOHANG, NULL), ECHILD);
}

static void many_children(void)
{
	enum { CHILDREN = 40 };
	pid_t pids[CHILDREN];
	int seen[CHILDREN] = { 0 }, status, wrong = 0;

	for (int i = 0; i < CHILDREN; i++)
		pids[i] = child_start(exits_with, (void *)(long)i);
	for (int i = 0; i < CHILDREN; i++) {
		long pid = SYS(wait4, -1, &status, 0, NULL);

		for (int k = 0; k < CHILDREN; k++)
			if (pids[k] == pid && status == EXITED(k))
				seen[k]++;
	}
	for (int i = 0; i < CHILDREN; i++)
		wrong += seen[i] != 1;
	expect_eq("children not seen exactly once with their status", wrong, 0);
}

static const struct test_case cases[] = {
	{ "exit codes", exit_codes },
	{ "killed by a signal", killed_by },
	{ "nobody to wait for", nobody_to_wait_for },
	{ "WNOHANG", without_waiting },
	{ "by pid and by group", whom },
	{ "zombies", zombies },
	{ "waitid", waitid_info },
	{ "orphans", orphans },
	{ "many children", many_children },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	shared = map_shared(PAGE);
	return RUN_CASES(cases);
}

/* SPDX-License-Identifier: MIT */
/*
 * Job control with a terminal: who may change its foreground group, and who is told when
 * nobody is left to continue a stopped group, or when the session ends (POSIX 11.1, _exit,
 * tcsetpgrp).
 */
#include "user/lib/handler.h"
#include "user/lib/terminal.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

static struct {
	int ready, hang_ups, continues, done;
} *seen;				/* shared with the children */

static long tty;

/* fn as the leader of a session with a terminal. */
static void in_session(child_fn *fn)
{
	int status;

	*seen = (typeof(*seen)){ 0 };
	status = child_run(fn, NULL);
	if (status == EXITED(STATUS_SKIP))
		skip("no terminal to be had");
	else
		expect_status("session", status, EXITED(0));
}

static pid_t start_job(child_fn *fn)
{
	pid_t pid = child_start(fn, NULL);

	SYS(setpgid, pid, pid);
	return pid;
}

static int wait_stop(pid_t pid)
{
	int status = NO_STATUS;

	SYS(wait4, pid, &status, WUNTRACED, NULL);
	return status;
}

static int takes_terminal(void *unused)
{
	(void)unused;
	SYS(setpgid, 0, 0);
	expect_eq("TIOCSPGRP", set_foreground(tty, self_pid()), 0);
	return 0;
}

static int takes_terminal_quietly(void *unused)
{
	signal_set(SIGTTOU, SIG_IGN);
	return takes_terminal(unused);
}

static int leader_changes_foreground(void *unused)
{
	int group = 0;
	pid_t job;

	(void)unused;
	tty = open_session();
	if (is_error(tty))
		return STATUS_SKIP;
	job = start_job(takes_terminal);
	expect_status("from the background", wait_stop(job), STOPPED(SIGTTOU));
	SYS(ioctl, tty, TIOCGPGRP, &group);
	expect_eq("still the leader's", group, self_pid());
	expect_eq("given by the leader", set_foreground(tty, job), 0);
	SYS(kill, job, SIGCONT);
	expect_status("from the foreground", child_wait(job), EXITED(0));
	signal_set(SIGTTOU, SIG_IGN);
	expect_eq("back", set_foreground(tty, self_pid()), 0);
	job = start_job(takes_terminal_quietly);
	expect_status("SIGTTOU ignored", child_wait(job), EXITED(0));
	return 0;
}

static void foreground(void)
{
	in_session(leader_changes_foreground);
}

static int leader_names_wrong_groups(void *unused)
{
	long outside = SYS(getppid);

	(void)unused;
	tty = open_session();
	if (is_error(tty))
		return STATUS_SKIP;
	expect_error("no such group", set_foreground(tty, 0x3ffffff), ESRCH);
	expect_error("a negative number", set_foreground(tty, -1), EINVAL);
	expect_error("another session's", set_foreground(tty, SYS(getpgid, outside)), EPERM);
	expect_error("bad pointer", SYS(ioctl, tty, TIOCSPGRP, 16), EFAULT);
	return 0;
}

static void wrong_groups(void)
{
	in_session(leader_names_wrong_groups);
}

static void count(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)uc;
	__atomic_add_fetch(signo == SIGHUP ? &seen->hang_ups : &seen->continues, 1, __ATOMIC_SEQ_CST);
	if (info->si_code != SI_KERNEL)
		fail("%s with code %d", signo == SIGHUP ? "SIGHUP" : "SIGCONT", info->si_code);
}

static void count_signals(void)
{
	handle(SIGHUP, count, 0);
	handle(SIGCONT, count, 0);
}

static int stops(void *own_group)
{
	count_signals();
	if (own_group)
		SYS(setpgid, 0, 0);
	SYS(kill, self_pid(), SIGSTOP);
	seen->done = 1;
	return 0;
}

static int leaves_stopped_job(void *own_group)
{
	if (!own_group)
		SYS(setpgid, 0, 0);
	wait_stop(child_start(stops, own_group));
	return 0;
}

static int runs(void *unused)
{
	long parent = SYS(getppid);

	(void)unused;
	count_signals();
	SYS(setpgid, 0, 0);
	seen->ready = 1;
	while (SYS(getppid) == parent)
		sleep_ms(1);
	sleep_ms(20);
	seen->done = 1;
	return 0;
}

static int leaves_running_job(void *unused)
{
	child_start(runs, unused);
	wait_for_value(&seen->ready, 1, 10);
	return 0;
}

static int leader_of_stopped_jobs(void *own_group)
{
	SYS(setsid);
	child_run(leaves_stopped_job, own_group);
	wait_for_value(&seen->done, 1, 10);
	return 0;
}

static int leader_of_running_job(void *unused)
{
	SYS(setsid);
	child_run(leaves_running_job, unused);
	wait_for_value(&seen->done, 1, 10);
	return 0;
}

static void expect_seen(const char *what, int signals)
{
	note("%s", what);
	expect_eq("it went on", seen->done, 1);
	expect_eq("SIGHUP", seen->hang_ups, signals);
	expect_eq("SIGCONT", seen->continues, signals);
	*seen = (typeof(*seen)){ 0 };
}

static void orphans(void)
{
	*seen = (typeof(*seen)){ 0 };
	child_run(leader_of_stopped_jobs, "its own group");
	expect_seen("a stopped child in a group of its own", 1);
	child_run(leader_of_stopped_jobs, NULL);
	expect_seen("a stopped child in the group of the one that ends", 1);
	child_run(leader_of_running_job, NULL);
	expect_seen("a running child", 0);
}

/* One stopped child in a group of its own, one in another group, which the leader guards. */
static int leaves_two_jobs(void *guarded)
{
	pid_t second;

	wait_stop(child_start(stops, "its own group"));
	second = child_start(stops, NULL);
	wait_stop(second);
	return (int)SYS(setpgid, second, (long)guarded);
}

static int leader_of_guarded_job(void *unused)
{
	long job;

	(void)unused;
	SYS(setsid);
	job = start_job(sleep_for_ever);
	expect_status("setpgid", child_run(leaves_two_jobs, (void *)job), EXITED(0));
	wait_for_value(&seen->done, 1, 10);
	sleep_ms(20);
	expect_seen("the first", 1);
	return test_failed();
}

static void several_orphans(void)
{
	*seen = (typeof(*seen)){ 0 };
	expect_status("leader", child_run(leader_of_guarded_job, NULL), EXITED(0));
	wait_for_value(&seen->done, 1, 10);
	expect_seen("the second, when the leader has gone", 1);
}

static int waits_for_hang_up(void *unused)
{
	(void)unused;
	handle(SIGHUP, count, 0);
	SYS(setpgid, 0, 0);
	seen->ready = 1;
	wait_for_value(&seen->hang_ups, 1, 10);
	seen->done = 1;
	return 0;
}

static int leader_ends(void *unused)
{
	pid_t job;

	(void)unused;
	tty = open_session();
	if (is_error(tty))
		return STATUS_SKIP;
	job = start_job(waits_for_hang_up);
	expect_eq("TIOCSPGRP", set_foreground(tty, job), 0);
	expect_true("the job is there", wait_for_value(&seen->ready, 1, 10));
	return 0;
}

static void session_end(void)
{
	in_session(leader_ends);
	wait_for_value(&seen->done, 1, 10);
	expect_true("SIGHUP to the foreground", seen->hang_ups > 0);
}

static const struct test_case cases[] = {
	{ "the foreground group", foreground },
	{ "wrong groups", wrong_groups },
	{ "stopped groups that become orphans", orphans },
	{ "several that end in different ways", several_orphans },
	{ "the end of a session", session_end },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	seen = map_shared(PAGE);
	return RUN_CASES(cases);
}

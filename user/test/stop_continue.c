/* SPDX-License-Identifier: MIT */
/*
 * Job control as the parent sees it: stopping signals, WUNTRACED, WCONTINUED, and SIGKILL of
 * a stopped process (wait(2), signal(7)).
 */
#include "user/lib/test.h"
#include "user/lib/thread.h"

static int *progress;			/* shared: the child counts here */

static int counts(void *unused)
{
	(void)unused;
	while (__atomic_add_fetch(progress, 1, __ATOMIC_SEQ_CST))
		sleep_ms(1);
	return 0;
}

static int wait_status(pid_t pid, int options)
{
	int status = 0;
	long ret = SYS(wait4, pid, &status, options, NULL);

	return ret == pid ? status : NO_STATUS;
}

/* The child still runs: its counter moves. */
static bool moves(void)
{
	int before = *progress;

	for (unsigned i = 0; i < 2000; i++) {
		if (*progress != before)
			return true;
		sleep_ms(5);
	}
	return false;
}

/* It does not: nothing moves for a while. */
static bool stands(void)
{
	int before = *progress;

	sleep_ms(40);
	return *progress == before;
}

static void stop_and_continue(void)
{
	static const int signals[] = { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };
	pid_t pid = child_start(counts, NULL);
	int status;

	/* The terminal's stop signals do not stop an orphaned group: this one is its parent's. */
	SYS(setpgid, pid, pid);
	for (unsigned i = 0; i < COUNT(signals); i++) {
		expect_true("runs", moves());
		SYS(kill, pid, signals[i]);
		expect_status(signal_name(signals[i]), wait_status(pid, WUNTRACED),
			      STOPPED(signals[i]));
		expect_true("stands", stands());
		expect_eq("reported once", SYS(wait4, pid, &status, WUNTRACED | WNOHANG, NULL), 0);
		SYS(kill, pid, SIGCONT);
		expect_status("SIGCONT", wait_status(pid, WCONTINUED), CONTINUED);
		expect_eq("reported once", SYS(wait4, pid, &status, WCONTINUED | WNOHANG, NULL), 0);
	}
	SYS(kill, pid, SIGTERM);
	expect_status("SIGTERM", child_wait(pid), KILLED(SIGTERM));
}

static void kill_a_stopped_one(void)
{
	pid_t pid = child_start(counts, NULL);

	SYS(kill, pid, SIGSTOP);
	expect_status("stopped", wait_status(pid, WUNTRACED), STOPPED(SIGSTOP));
	SYS(kill, pid, SIGTERM);
	expect_true("SIGTERM waits until it goes on", stands());
	SYS(kill, pid, SIGCONT);
	expect_status("SIGCONT lets it act", child_wait(pid), KILLED(SIGTERM));
	pid = child_start(counts, NULL);
	SYS(kill, pid, SIGSTOP);
	expect_status("stopped", wait_status(pid, WUNTRACED), STOPPED(SIGSTOP));
	SYS(kill, pid, SIGKILL);
	expect_status("SIGKILL does not wait", child_wait(pid), KILLED(SIGKILL));
}

static void by_waitid(void)
{
	siginfo_t info = { .si_signo = 0 };
	pid_t pid = child_start(counts, NULL);

	SYS(kill, pid, SIGSTOP);
	expect_eq("waitid", SYS(waitid, P_PID, pid, &info, WSTOPPED, NULL), 0);
	expect_eq("si_code", info.si_code, CLD_STOPPED);
	expect_eq("si_status", info.si_status, SIGSTOP);
	SYS(kill, pid, SIGCONT);
	expect_eq("waitid", SYS(waitid, P_PID, pid, &info, WCONTINUED, NULL), 0);
	expect_eq("si_code", info.si_code, CLD_CONTINUED);
	expect_eq("si_status", info.si_status, SIGCONT);
	SYS(kill, pid, SIGKILL);
	expect_status("end", child_wait(pid), KILLED(SIGKILL));
}

static const struct test_case cases[] = {
	{ "stop and continue", stop_and_continue },
	{ "signals to a stopped process", kill_a_stopped_one },
	{ "by waitid", by_waitid },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	progress = map_shared(PAGE);
	return RUN_CASES(cases);
}

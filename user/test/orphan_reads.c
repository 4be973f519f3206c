/* SPDX-License-Identifier: MIT */
/*
 * A background process that reads from its terminal is stopped; but if its group is orphaned,
 * nobody could continue it, so the read fails with EIO (POSIX 11.1.4).
 */
#include "user/lib/terminal.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

static int *answer;

/* Its parent, the only one who could continue it, has gone. */
static int reads(void *arg)
{
	int group = SYS(getpgid, 0);
	long fd = (long)arg, parent = SYS(getppid);
	char c;

	answer[3] = 1;
	while (SYS(getppid) == parent)
		sleep_ms(1);
	answer[0] = SYS(read, fd, &c, 1);
	answer[2] = SYS(ioctl, fd, TIOCSPGRP, &group);
	answer[1] = 1;
	return 0;
}

static int leaves_orphan(void *fd)
{
	SYS(setpgid, 0, 0);
	child_start(reads, fd);
	wait_for_value(&answer[3], 1, 10);	/* it knows its parent */
	return 0;
}

/* The session's leader stays in the foreground. */
static int session(void *unused)
{
	long fd;

	(void)unused;
	fd = open_session();
	if (is_error(fd))
		return STATUS_SKIP;
	child_run(leaves_orphan, (void *)fd);
	wait_for_value(&answer[1], 1, 10);
	return 0;
}

static void orphan(void)
{
	if (child_run(session, NULL) == EXITED(STATUS_SKIP)) {
		skip("no terminal to be had");
		return;
	}
	expect_eq("the read came back", answer[1], 1);
	expect_error("with", answer[0], EIO);
	expect_error("TIOCSPGRP", answer[2], ENOTTY);
}

static const struct test_case cases[] = {
	{ "a read in an orphaned group", orphan },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	answer = map_shared(PAGE);
	return RUN_CASES(cases);
}

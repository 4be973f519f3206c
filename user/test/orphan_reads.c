/* SPDX-License-Identifier: MIT */
/*
 * A background process that reads from its terminal is stopped; but if its group is orphaned,
 * nobody could continue it, so the read fails with EIO (POSIX 11.1.4).
 */
#include <asm/ioctls.h>
#include "user/lib/file.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

static int *answer;

/* The other end of a pseudo-terminal; this kernel has none, but its console is nobody else's. */
static long open_terminal(void)
{
	int number, unlock = 0;
	char path[32];
	long master;

	if (on_paranoid())
		return sys_open("/dev/console", O_RDWR | O_NOCTTY, 0);
	master = sys_open("/dev/ptmx", O_RDWR | O_NOCTTY, 0);
	if (is_error(master))
		return master;
	SYS(ioctl, master, TIOCSPTLCK, &unlock);
	SYS(ioctl, master, TIOCGPTN, &number);
	format(path, sizeof(path), "/dev/pts/%d", number);
	return sys_open(path, O_RDWR | O_NOCTTY, 0);
}

/* Its parent, the only one who could continue it, has gone. */
static int reads(void *arg)
{
	long fd = (long)arg;
	char c;

	sleep_ms(50);
	answer[0] = SYS(read, fd, &c, 1);
	answer[1] = 1;
	return 0;
}

static int leaves_orphan(void *fd)
{
	SYS(setpgid, 0, 0);
	child_start(reads, fd);
	return 0;
}

/* The session's leader stays in the foreground. */
static int session(void *unused)
{
	long fd;

	(void)unused;
	SYS(setsid);
	fd = open_terminal();
	if (is_error(fd) || SYS(ioctl, fd, TIOCSCTTY, 0))
		return STATUS_SKIP;
	child_run(leaves_orphan, (void *)fd);
	wait_for_value(&answer[1], 1, 3);
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

/* SPDX-License-Identifier: MIT */
/*
 * Buffers that begin in a good page and run into an unmapped one.  Small results are all or
 * nothing; read and write may do a part.  Strings that end before the hole are fine.
 */
#include <linux/uio.h>
#include <linux/utsname.h>
#include "user/lib/file.h"
#include "user/lib/test.h"

static char *hole;			/* one good page, then nothing */

static void results(void)
{
	int status;
	pid_t pid;

	expect_error("uname", SYS(uname, hole + PAGE - 10), EFAULT);
	expect_error("stat", sys_stat("/", (void *)(hole + PAGE - 8)), EFAULT);
	expect_error("clock_gettime", SYS(clock_gettime, 0, hole + PAGE - sizeof(long)), EFAULT);
	expect_error("getcwd", SYS(getcwd, hole + PAGE - 1, 100), EFAULT);
	expect_error("pipe", SYS(pipe, hole + PAGE - 4), EFAULT);
	pid = sys_fork();
	if (pid == 0)
		sys_exit(3);
	expect_error("wait4, status", SYS(wait4, pid, hole + PAGE - 2, 0, NULL), EFAULT);
	expect_error("the child was reaped nevertheless", SYS(wait4, pid, &status, 0, NULL),
		     ECHILD);
	expect_eq("uname that just fits", SYS(uname, hole + PAGE - sizeof(struct new_utsname)), 0);
}

static void strings(void)
{
	char *end = hole + PAGE;

	memcpy(end - 4, "/tmp", 4);
	expect_error("a path without its end", sys_open(end - 4, O_RDONLY, 0), EFAULT);
	memcpy(end - 2, "/", 2);
	expect_ok("a path that ends with the page", SYS(access, end - 2, 0));
	memset(end - 100, 'x', 100);
	expect_error("a long one without its end", SYS(chdir, end - 100), EFAULT);
}

/* What was accepted must have arrived, and nothing else. */
static void writes_to_pipe(void)
{
	char buf[64];
	int fds[2];
	long ret, got;

	SYS(pipe2, fds, O_NONBLOCK);
	memcpy(hole + PAGE - 10, "0123456789", 10);
	ret = SYS(write, fds[1], hole + PAGE - 10, 30);
	note("write of 30 bytes, 10 of them mapped: expected -EFAULT or 10, got %ld", ret);
	got = SYS(read, fds[0], buf, sizeof(buf));
	if (ret == -EFAULT)
		expect_error("nothing in the pipe", got, EAGAIN);
	else if (expect_eq("a part", ret, 10) && expect_eq("in the pipe", got, 10))
		expect_eq("its bytes", memcmp(buf, "0123456789", 10), 0);
	SYS(close, fds[0]), SYS(close, fds[1]);
}

/* What was not delivered must still be there. */
static void reads_from_pipe(void)
{
	char buf[64] = "";
	int fds[2];
	long ret, rest;

	SYS(pipe2, fds, O_NONBLOCK);
	SYS(write, fds[1], "0123456789abcdefghij", 20);
	ret = SYS(read, fds[0], hole + PAGE - 10, 20);
	note("read of 20 bytes, room for 10: expected -EFAULT or 10, got %ld", ret);
	rest = SYS(read, fds[0], buf, sizeof(buf));
	if (ret == -EFAULT)
		expect_eq("all is still there", rest, 20);
	else if (expect_eq("a part", ret, 10) && expect_eq("the rest", rest, 10))
		expect_string("its bytes", buf, "abcdefghij");
	SYS(close, fds[0]), SYS(close, fds[1]);
}

static void files(void)
{
	static char buf[PAGE];
	long fd, ret;

	fd = sys_open("file", O_RDWR | O_CREAT, 0644);
	memcpy(hole + PAGE - 10, "0123456789", 10);
	ret = SYS(write, fd, hole + PAGE - 10, 30);
	note("write of 30 bytes, 10 of them mapped: expected -EFAULT or 10, got %ld", ret);
	SYS(lseek, fd, 0, 0);
	expect_eq("in the file", SYS(read, fd, buf, sizeof(buf)), ret == -EFAULT ? 0 : ret);
	if (ret != -EFAULT)
		expect_true("at most what was mapped", ret <= 10);
	SYS(lseek, fd, 0, 0);
	SYS(write, fd, "0123456789abcdefghij", 20);
	SYS(lseek, fd, 0, 0);
	ret = SYS(read, fd, hole + PAGE - 10, 20);
	expect_true("read of 20 bytes, room for 10: -EFAULT or up to 10",
		    ret == -EFAULT || (ret > 0 && ret <= 10));
	expect_eq("the position moved as far", SYS(lseek, fd, 0, 1), ret == -EFAULT ? 0 : ret);
	SYS(close, fd);
}

/* The second element of a vector is bad: the first one counts. */
static void vectors(void)
{
	char buf[16] = "";
	struct iovec v[2] = { { "good", 4 }, { hole + PAGE, 4 } };
	int fds[2];
	long ret;

	SYS(pipe2, fds, O_NONBLOCK);
	ret = SYS(writev, fds[1], v, 2);
	note("writev, second buffer bad: expected -EFAULT or 4, got %ld", ret);
	if (ret == -EFAULT)
		expect_error("nothing in the pipe", SYS(read, fds[0], buf, 16), EAGAIN);
	else
		expect_eq("in the pipe", SYS(read, fds[0], buf, 16), 4);
	v[1].iov_len = (size_t)-1;
	expect_error("a length below 0", SYS(writev, fds[1], v, 2), EINVAL);
	expect_error("a count below 0", SYS(writev, fds[1], v, -1), EINVAL);
	expect_error("more than IOV_MAX", SYS(writev, fds[1], v, 1025), EINVAL);
	expect_eq("none", SYS(writev, fds[1], v, 0), 0);
	SYS(close, fds[0]), SYS(close, fds[1]);
}

static const struct test_case cases[] = {
	{ "results are all or nothing", results },
	{ "strings", strings },
	{ "writing to a pipe", writes_to_pipe },
	{ "reading from a pipe", reads_from_pipe },
	{ "files", files },
	{ "vectors", vectors },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	hole = map_before_hole(PAGE);
	return RUN_CASES_IN_TEMP(cases);
}

/* SPDX-License-Identifier: MIT */
/*
 * Pipes: order, partial reads and writes, end of file, a broken pipe, PIPE_BUF, and
 * non-blocking ends (pipe(7)).
 */
#include <linux/uio.h>
#include "user/lib/signals.h"
#include "user/lib/test.h"

#define BULK (300 * 1024)

static int fds[2];
static char block[PIPE_BUF * 2];

static void make_pipe(int flags)
{
	long ret = SYS(pipe2, fds, flags);

	if (ret)
		test_abort("pipe2", ret);
}

static void close_both(void)
{
	SYS(close, fds[0]);
	SYS(close, fds[1]);
}

static void partial_reads(void)
{
	char buf[16] = "";

	make_pipe(0);
	expect_eq("write 10", SYS(write, fds[1], "0123456789", 10), 10);
	expect_eq("read 4", SYS(read, fds[0], buf, 4), 4);
	expect_eq("read 16, 6 are left", SYS(read, fds[0], buf + 4, 12), 6);
	expect_string("in order", buf, "0123456789");
	expect_eq("write nothing", SYS(write, fds[1], buf, 0), 0);
	expect_eq("read nothing", SYS(read, fds[0], buf, 0), 0);
	SYS(write, fds[1], "x", 1);
	SYS(close, fds[1]);
	expect_eq("the last byte after close", SYS(read, fds[0], buf, 16), 1);
	expect_eq("end of file", SYS(read, fds[0], buf, 16), 0);
	expect_eq("end of file again", SYS(read, fds[0], buf, 16), 0);
	SYS(close, fds[0]);
}

/* The good bytes in front of a bad page are not taken: a later read finds all. */
static void bad_buffers(void)
{
	char *end = map_before_hole(PAGE) + PAGE, buf[16] = "";

	make_pipe(0);
	SYS(write, fds[1], "0123456789", 10);
	expect_error("read 10 where 4 have room", SYS(read, fds[0], end - 4, 10), EFAULT);
	expect_eq("read again", SYS(read, fds[0], buf, 16), 10);
	expect_string("all is there", buf, "0123456789");
	close_both();
	unmap(end - PAGE, PAGE);
}

static void wrong_end(void)
{
	char c;

	make_pipe(0);
	expect_error("read from the write end", SYS(read, fds[1], &c, 1), EBADF);
	expect_error("write to the read end", SYS(write, fds[0], "x", 1), EBADF);
	expect_error("seek", SYS(lseek, fds[0], 0, 0), ESPIPE);
	close_both();
	expect_error("read after close", SYS(read, fds[0], &c, 1), EBADF);
	expect_error("flags that do not exist", SYS(pipe2, fds, 1), EINVAL);
}

static void vectors(void)
{
	char a[4] = "", b[8] = "";
	struct iovec out[3] = { { "ab", 2 }, { "", 0 }, { "cdef", 4 } };
	struct iovec in[2] = { { a, 3 }, { b, 7 } };

	make_pipe(0);
	expect_eq("writev", SYS(writev, fds[1], out, 3), 6);
	expect_eq("readv", SYS(readv, fds[0], in, 2), 6);
	expect_string("first part", a, "abc");
	expect_string("second part", b, "def");
	close_both();
}

static int write_to_nobody(void *ignore)
{
	if (ignore)
		signal_set(SIGPIPE, SIG_IGN);
	make_pipe(0);
	SYS(close, fds[0]);
	return -(int)SYS(write, fds[1], "x", 1);
}

static void broken_pipe(void)
{
	expect_status("write without a reader", child_run(write_to_nobody, NULL), KILLED(SIGPIPE));
	expect_status("with SIGPIPE ignored", child_run(write_to_nobody, (void *)1), EXITED(EPIPE));
}

static void non_blocking(void)
{
	long total = 0, n;
	static char all[1024 * 1024];

	make_pipe(O_NONBLOCK);
	expect_error("read from an empty pipe", SYS(read, fds[0], block, 1), EAGAIN);
	while ((n = SYS(write, fds[1], block, PIPE_BUF)) == PIPE_BUF && total < (long)sizeof(all))
		total += n;
	expect_error("write to a full pipe", n, EAGAIN);
	expect_true("it holds at least PIPE_BUF", total >= PIPE_BUF);
	expect_eq("all of it comes back", SYS(read, fds[0], all, sizeof(all)), total);
	/* Up to PIPE_BUF bytes go in whole or not at all; more may go in part. */
	for (n = 0; n < total - 100; n += PIPE_BUF)
		SYS(write, fds[1], block, PIPE_BUF);
	SYS(read, fds[0], block, 100);
	SYS(read, fds[0], block, PIPE_BUF);
	n = SYS(write, fds[1], block, sizeof(block));
	expect_true("a long write is cut", n > 0 && n < (long)sizeof(block));
	expect_error("a short write is not", SYS(write, fds[1], block, PIPE_BUF), EAGAIN);
	close_both();
}

static int write_bulk(void *unused)
{
	static char buf[7001];
	unsigned sent = 0;

	(void)unused;
	SYS(close, fds[0]);
	while (sent < BULK) {
		unsigned n = BULK - sent < sizeof(buf) ? BULK - sent : sizeof(buf);

		for (unsigned i = 0; i < n; i++)
			buf[i] = (char)((sent + i) * 7 >> 3);
		if (SYS(write, fds[1], buf, n) != (long)n)
			return 1;
		sent += n;
	}
	return 0;
}

static void blocking_transfer(void)
{
	static char buf[5003];
	unsigned got = 0, wrong = 0;
	pid_t pid;
	long n;

	make_pipe(0);
	pid = child_start(write_bulk, NULL);
	SYS(close, fds[1]);
	while ((n = SYS(read, fds[0], buf, sizeof(buf))) > 0)
		for (long i = 0; i < n; i++, got++)
			wrong += buf[i] != (char)(got * 7 >> 3);
	expect_eq("bytes through the pipe", got, BULK);
	expect_eq("wrong ones", wrong, 0);
	expect_status("writer", child_wait(pid), EXITED(0));
	SYS(close, fds[0]);
}

static int write_letters(void *letter)
{
	memset(block, (int)(long)letter, PIPE_BUF);
	for (unsigned i = 0; i < 30; i++)
		if (SYS(write, fds[1], block, PIPE_BUF) != PIPE_BUF)
			return 1;
	return 0;
}

/* Several writers: blocks of PIPE_BUF bytes do not mix. */
static void atomic_writes(void)
{
	pid_t pids[4];
	unsigned blocks = 0, mixed = 0;

	make_pipe(0);
	for (unsigned i = 0; i < COUNT(pids); i++)
		pids[i] = child_start(write_letters, (void *)(long)('a' + i));
	SYS(close, fds[1]);
	for (long n = 0, k; ; n = 0, blocks++) {
		while (n < PIPE_BUF && (k = SYS(read, fds[0], block + n, PIPE_BUF - n)) > 0)
			n += k;
		if (n < PIPE_BUF)
			break;
		for (unsigned i = 1; i < PIPE_BUF; i++)
			mixed += block[i] != block[0];
	}
	expect_eq("blocks", blocks, 30 * COUNT(pids));
	expect_eq("bytes in a foreign block", mixed, 0);
	for (unsigned i = 0; i < COUNT(pids); i++)
		if (child_wait(pids[i]) != EXITED(0))
			fail("writer %u", i);
	SYS(close, fds[0]);
}

static const struct test_case cases[] = {
	{ "partial reads and end of file", partial_reads },
	{ "wrong uses", wrong_end },
	{ "buffers that end at a hole", bad_buffers },
	{ "readv and writev", vectors },
	{ "broken pipe", broken_pipe },
	{ "non-blocking", non_blocking },
	{ "blocking transfer", blocking_transfer },
	{ "writes up to PIPE_BUF are atomic", atomic_writes },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

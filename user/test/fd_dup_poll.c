/* SPDX-License-Identifier: MIT */
/*
 * File descriptors: the lowest free number, dup and its relatives, close-on-exec, what is shared
 * after dup and fork, and poll's answers for pipes (dup(2), fcntl(2), poll(2)).
 */
#include <linux/poll.h>
#include "user/lib/test.h"
#include "user/lib/thread.h"

static void lowest_number(void)
{
	long a = SYS(dup, 0), b = SYS(dup, 0), c = SYS(dup, 0);

	expect_true("ascending", a >= 0 && b > a && c > b);
	SYS(close, b);
	expect_eq("the hole is used first", SYS(dup, 0), b);
	expect_eq("F_DUPFD takes the lowest from there on", SYS(fcntl, 0, F_DUPFD, 50), 50);
	expect_eq("and the next", SYS(fcntl, 0, F_DUPFD, 50), 51);
	SYS(close, a), SYS(close, b), SYS(close, c), SYS(close, 50), SYS(close, 51);
	expect_error("closed twice", SYS(close, 51), EBADF);
}

static void dup2_and_dup3(void)
{
	int fds[2];
	char c = 0;

	SYS(pipe, fds);
	expect_eq("to a number far away", SYS(dup2, fds[1], 77), 77);
	expect_eq("to itself", SYS(dup2, 77, 77), 77);
	expect_error("dup3 to itself", SYS(dup3, 77, 77, 0), EINVAL);
	expect_error("of a closed one to itself", SYS(dup2, 78, 78), EBADF);
	expect_error("of a closed one", SYS(dup2, 78, 79), EBADF);
	expect_error("to a number out of range", SYS(dup2, fds[1], -1), EBADF);
	expect_eq("dup3 with O_CLOEXEC", SYS(dup3, fds[0], 79, O_CLOEXEC), 79);
	expect_eq("its flag", SYS(fcntl, 79, F_GETFD), FD_CLOEXEC);
	expect_eq("dup2 over it", SYS(dup2, fds[0], 79), 79);
	expect_eq("takes the flag away", SYS(fcntl, 79, F_GETFD), 0);
	SYS(close, fds[1]);
	expect_eq("write through the copy", SYS(write, 77, "x", 1), 1);
	SYS(close, 77);
	expect_eq("read", SYS(read, 79, &c, 1), 1);
	expect_eq("end of file once all copies are closed", SYS(read, 79, &c, 1), 0);
	SYS(close, fds[0]), SYS(close, 79);
}

/* A copy shares offset and status flags, not the close-on-exec flag. */
static void what_copies_share(void)
{
	int fds[2];
	long copy;

	SYS(pipe, fds);
	copy = SYS(dup, fds[0]);
	SYS(fcntl, fds[0], F_SETFL, O_NONBLOCK);
	expect_true("O_NONBLOCK is common", SYS(fcntl, copy, F_GETFL) & O_NONBLOCK);
	SYS(fcntl, fds[0], F_SETFD, FD_CLOEXEC);
	expect_eq("FD_CLOEXEC is not", SYS(fcntl, copy, F_GETFD), 0);
	expect_eq("access mode", SYS(fcntl, fds[1], F_GETFL) & O_ACCMODE, O_WRONLY);
	SYS(close, fds[0]), SYS(close, fds[1]), SYS(close, copy);
}

static long poll_one(int fd, short events, int timeout, short *revents)
{
	struct pollfd p = { fd, events, -1 };
	long ret = SYS(poll, &p, 1, timeout);

	*revents = p.revents;
	return ret;
}

static void poll_pipe(void)
{
	short got;
	int fds[2];

	SYS(pipe, fds);
	expect_eq("empty, no time", poll_one(fds[0], POLLIN, 0, &got), 0);
	expect_hex("its events", (unsigned)got, 0);
	expect_eq("room to write", poll_one(fds[1], POLLOUT, 0, &got), 1);
	expect_hex("its events", (unsigned)got, POLLOUT);
	SYS(write, fds[1], "x", 1);
	expect_eq("something to read", poll_one(fds[0], POLLIN, -1, &got), 1);
	expect_hex("its events", (unsigned)got, POLLIN);
	SYS(close, fds[1]);
	expect_eq("and no writer", poll_one(fds[0], POLLIN, -1, &got), 1);
	expect_hex("its events", (unsigned)got, POLLIN | POLLHUP);
	SYS(close, fds[0]);
	SYS(pipe, fds);
	SYS(close, fds[0]);
	expect_eq("no reader", poll_one(fds[1], POLLOUT, -1, &got), 1);
	expect_true("POLLERR is set", got & POLLERR);
	SYS(close, fds[1]);
	expect_eq("closed descriptor", poll_one(fds[1], POLLIN, -1, &got), 1);
	expect_hex("its events", (unsigned)got, POLLNVAL);
	expect_eq("negative ones are skipped", poll_one(-5, POLLIN, 1, &got), 0);
	expect_hex("its events", (unsigned)got, 0);
}

static int fds_of_writer[2];

static int write_late(void *unused)
{
	(void)unused;
	sleep_ms(30);
	return SYS(write, fds_of_writer[1], "x", 1) != 1;
}

static void poll_waits(void)
{
	short got;
	pid_t pid;

	SYS(pipe, fds_of_writer);
	pid = child_start(write_late, NULL);
	expect_eq("wakes when a child writes", poll_one(fds_of_writer[0], POLLIN, 60000, &got), 1);
	expect_hex("its events", (unsigned)got, POLLIN);
	expect_status("writer", child_wait(pid), EXITED(0));
	SYS(close, fds_of_writer[0]), SYS(close, fds_of_writer[1]);
}

/* Few, some and many: the kernel keeps them in different places. */
static void poll_many(void)
{
	static const unsigned sizes[] = { 8, 9, 40, 100, 250 };
	static struct pollfd p[250];
	int fds[2];

	SYS(pipe, fds);
	for (unsigned i = 0; i < COUNT(sizes); i++) {
		unsigned n = sizes[i], wrong = 0;

		for (unsigned k = 0; k < n; k++)
			p[k] = (struct pollfd){ .fd = fds[k % 2], .events = POLLIN | POLLOUT };
		expect_eq("poll: the write ends are ready", SYS(poll, p, n, 0), n / 2);
		for (unsigned k = 0; k < n; k++)
			wrong += p[k].revents != (k % 2 ? POLLOUT : 0);
		expect_eq("wrong answers", wrong, 0);
	}
	SYS(close, fds[0]), SYS(close, fds[1]);
}

/* O_PATH only names a file: it is not open for what these calls do. */
static void only_a_name(void)
{
	long fd = sys_open("/", O_PATH, 0);
	struct pollfd p = { .fd = (int)fd, .events = POLLIN };

	expect_eq("poll", SYS(poll, &p, 1, 0), 1);
	expect_hex("its answer", (unsigned)p.revents, POLLNVAL);
	expect_error("fsync", SYS(fsync, fd), EBADF);
	expect_error("utimensat", SYS(utimensat, fd, NULL, NULL, 0), EBADF);
	expect_error("mmap", sys_mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, (int)fd, 0), EBADF);
	SYS(close, fd);
}

static const struct test_case cases[] = {
	{ "the lowest free number", lowest_number },
	{ "dup2 and dup3", dup2_and_dup3 },
	{ "what copies share", what_copies_share },
	{ "poll on pipes", poll_pipe },
	{ "poll waits", poll_waits },
	{ "poll of many", poll_many },
	{ "what is only a name", only_a_name },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

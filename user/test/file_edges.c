/* SPDX-License-Identifier: MIT */
/*
 * Reads and writes that end early, and what they leave behind: vectors above the largest
 * count, buffers that end at a page which is not there, and positions after a failure
 * (readv(2), read(2), pipe(7), open(2)).
 */
#include <linux/uio.h>
#include "user/lib/file.h"
#include "user/lib/test.h"

#define RW_MAX 0x7ffff000l	/* the most that one call moves on Linux */

/* /dev/null looks at no byte, so nothing has to be mapped there. */
static void large_vectors(void)
{
	void *at = (void *)PAGE;
	struct iovec three[3] = { { at, 1 << 30 }, { at, 1 << 30 }, { at, 1 << 30 } };
	struct iovec rest[2] = { { at, RW_MAX - 1 }, { at, RW_MAX } };
	long fd = sys_open("/dev/null", O_RDWR, 0);

	expect_eq("writev of 3 GiB", SYS(writev, fd, three, 3), RW_MAX);
	expect_eq("the second part over the limit", SYS(writev, fd, rest, 2), RW_MAX);
	SYS(close, fd);
}

/* The bytes in front of a page that is not there are read, from wherever they come. */
static void room_for_100(void)
{
	char *room = map_before_hole(PAGE) + PAGE - 100;
	long hole = sys_open("hole", O_RDWR | O_CREAT, 0600);
	long zero = sys_open("/dev/zero", O_RDONLY, 0);
	unsigned wrong = 0;

	sys_ftruncate(hole, PAGE);
	memset(room, 'x', 100);
	expect_eq("read of a hole", SYS(read, hole, room, PAGE), 100);
	expect_eq("the position behind it", SYS(lseek, hole, 0, 1), 100);
	for (unsigned i = 0; i < 100; i++)
		wrong += room[i] != 0;
	expect_eq("bytes that are not 0", wrong, 0);
	expect_eq("read of /dev/zero", SYS(read, zero, room, PAGE), 100);
	expect_error("and where no byte has room", SYS(read, zero, room + 100, PAGE), EFAULT);
	SYS(close, hole), SYS(close, zero);
	unmap(room + 100 - PAGE, PAGE);
}

static void nothing_appended(void)
{
	long fd = sys_open("log", O_RDWR | O_CREAT | O_APPEND, 0600);

	SYS(write, fd, "0123456789", 10);
	SYS(lseek, fd, 3, 0);
	expect_error("append from a bad page", SYS(write, fd, 8, 5), EFAULT);
	expect_eq("the position", SYS(lseek, fd, 0, 1), 3);
	expect_eq("append nothing", SYS(write, fd, "", 0), 0);
	expect_eq("the position", SYS(lseek, fd, 0, 1), 3);
	expect_eq("append", SYS(write, fd, "a", 1), 1);
	expect_eq("the position", SYS(lseek, fd, 0, 1), 11);
	SYS(close, fd);
}

static const struct test_case cases[] = {
	{ "large vectors", large_vectors },
	{ "buffers that end at a hole", room_for_100 },
	{ "nothing appended", nothing_appended },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES_IN_TEMP(cases);
}

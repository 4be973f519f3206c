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

static const struct test_case cases[] = {
	{ "large vectors", large_vectors },
};

int main(int argc, char **argv, char **envp)
{
	int status;

	(void)argc, (void)argv, (void)envp;
	temp_enter();
	status = RUN_CASES(cases);
	temp_leave();
	return status;
}

/* SPDX-License-Identifier: MIT */
/*
 * Mappings of a file that is cut: what lies behind its end is SIGBUS, and what comes there
 * later is the same in file and mapping (mmap(2), truncate(2)).
 */
#include "user/lib/file.h"
#include "user/lib/test.h"

#define RW (PROT_READ | PROT_WRITE)

static int fd;
static char *shared, *private;

static int reads(void *at)
{
	return *(volatile char *)at & 0;
}

static int cuts(void *size)
{
	return (int)sys_ftruncate(fd, (long)size);
}

static void set_up(void)
{
	char text[3 * PAGE];

	memset(text, 'a', sizeof(text));
	file_write("file", text, sizeof(text), 0600);
	fd = (int)sys_open("file", O_RDWR, 0);
	shared = (char *)sys_mmap(NULL, 3 * PAGE, RW, MAP_SHARED, fd, 0);
	private = (char *)sys_mmap(NULL, 3 * PAGE, RW, MAP_PRIVATE, fd, 0);
	/* All pages are there, the last of the private ones as a copy. */
	for (unsigned i = 0; i < 3; i++)
		shared[i * PAGE] = 's';
	private[2 * PAGE] = private[PAGE];
}

static void clean_up(void)
{
	unmap(shared, 3 * PAGE);
	unmap(private, 3 * PAGE);
	SYS(close, fd);
	SYS(unlink, "file");
}

static void signals(void)
{
	set_up();
	expect_eq("cut inside the second page", sys_ftruncate(fd, PAGE + 100), 0);
	expect_status("shared, before the end", child_run(reads, shared + PAGE), EXITED(0));
	expect_status("shared, behind", child_run(reads, shared + 2 * PAGE), KILLED(SIGBUS));
	expect_status("private, before the end", child_run(reads, private + PAGE), EXITED(0));
	expect_status("private, behind", child_run(reads, private + 2 * PAGE), KILLED(SIGBUS));
	expect_eq("zeros behind the end", shared[PAGE + 100], 0);
	clean_up();
}

static void of_another_process(void)
{
	set_up();
	expect_status("a child cuts all", child_run(cuts, NULL), EXITED(0));
	expect_status("shared", child_run(reads, shared), KILLED(SIGBUS));
	expect_status("private", child_run(reads, private + PAGE), KILLED(SIGBUS));
	clean_up();
}

static void one_content(void)
{
	char c = 0;

	set_up();
	sys_ftruncate(fd, PAGE);
	sys_ftruncate(fd, 3 * PAGE);
	expect_eq("grown again: zero", shared[PAGE], 0);
	SYS(lseek, fd, PAGE, 0);
	SYS(write, fd, "N", 1);
	expect_eq("a write is seen in the shared mapping", shared[PAGE], 'N');
	expect_eq("and in the private one", private[PAGE], 'N');
	shared[PAGE] = 'M';
	SYS(lseek, fd, PAGE, 0);
	SYS(read, fd, &c, 1);
	expect_eq("a store is seen in the file", c, 'M');
	SYS(close, sys_open("file", O_RDWR | O_TRUNC, 0));
	expect_status("after O_TRUNC", child_run(reads, shared), KILLED(SIGBUS));
	clean_up();
}

static const struct test_case cases[] = {
	{ "signals", signals },
	{ "cut by another process", of_another_process },
	{ "one content", one_content },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES_IN_TEMP(cases);
}

/* SPDX-License-Identifier: MIT */
/*
 * mmap, munmap and mprotect: placement, splitting and joining, protection, files, and what is
 * refused (mmap(2), mprotect(2)).
 */
#include "user/lib/file.h"
#include "user/lib/test.h"

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static int reads(void *at)
{
	return *(volatile char *)at & 0;
}

static int writes(void *at)
{
	*(volatile char *)at = 1;
	return 0;
}

static void placement(void)
{
	char *a = map_private(8 * PAGE);

	expect_hex("page aligned", (unsigned long)a % PAGE, 0);
	a[3 * PAGE] = 5;
	expect_hex("MAP_FIXED over it", (unsigned long)sys_mmap(a + 3 * PAGE, PAGE, RW,
								ANON | MAP_FIXED, -1, 0),
		   (unsigned long)a + 3 * PAGE);
	expect_eq("gives a new page", a[3 * PAGE], 0);
	expect_error("MAP_FIXED_NOREPLACE over it", sys_mmap(a, PAGE, RW,
							     ANON | MAP_FIXED_NOREPLACE, -1, 0),
		     EEXIST);
	SYS(munmap, a + 4 * PAGE, PAGE);
	expect_hex("a hint that is free is taken",
		   (unsigned long)sys_mmap(a + 4 * PAGE, PAGE, RW, ANON, -1, 0),
		   (unsigned long)a + 4 * PAGE);
	unmap(a, 8 * PAGE);
}

static void refused(void)
{
	unsigned long top = user_end();
	char *a = map_private(PAGE);

	expect_error("length 0", sys_mmap(NULL, 0, RW, ANON, -1, 0), EINVAL);
	expect_error("length beyond all memory", sys_mmap(NULL, (size_t)-PAGE, RW, ANON, -1, 0),
		     ENOMEM);
	expect_error("neither private nor shared", sys_mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0),
		     EINVAL);
	expect_error("fixed, not aligned", sys_mmap(a + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0),
		     EINVAL);
	expect_error("fixed, above the user half", sys_mmap((void *)top, PAGE, RW, ANON | MAP_FIXED,
							    -1, 0), ENOMEM);
	expect_error("a closed descriptor", sys_mmap(NULL, PAGE, RW, MAP_PRIVATE, 99, 0), EBADF);
	expect_error("munmap, not aligned", SYS(munmap, a + 1, PAGE), EINVAL);
	expect_error("munmap, length 0", SYS(munmap, a, 0), EINVAL);
	expect_error("munmap above the user half", SYS(munmap, top, PAGE), EINVAL);
	expect_eq("munmap of nothing", SYS(munmap, a + PAGE * 1000, 0x1000), 0);
	expect_error("mprotect, not aligned", SYS(mprotect, a + 1, PAGE, RW), EINVAL);
	expect_error("mprotect, unknown bits", SYS(mprotect, a, PAGE, 0x100), EINVAL);
	unmap(a, PAGE);
	expect_error("mprotect of a hole", SYS(mprotect, a, PAGE, RW), ENOMEM);
}

/* The highest page that may be mapped; the one above is kept free on purpose (R6.15). */
#ifdef __x86_64__
static void last_page(void)
{
	char *last = (char *)user_end() - PAGE;
	long ret = sys_mmap(last, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0);

	note("the last page: expected %p, or -EEXIST where the stack begins there, got 0x%lx", last,
	     ret);
	if (ret != -EEXIST)
		expect_hex("mmap", (unsigned long)ret, (unsigned long)last);
	expect_status("a read of its last byte", child_run(reads, last + PAGE - 1), EXITED(0));
	expect_status("a read behind it", child_run(reads, last + PAGE), KILLED(SIGSEGV));
	if (ret != -EEXIST)
		unmap(last, PAGE);
}
#endif

static void holes(void)
{
	char *a = map_private(9 * PAGE);
	unsigned wrong = 0;

	for (unsigned i = 0; i < 9; i++)
		a[i * PAGE] = (char)(i + 1);
	unmap(a + 4 * PAGE, PAGE);
	unmap(a, PAGE);
	unmap(a + 8 * PAGE, PAGE);
	for (unsigned i = 1; i < 8; i++)
		wrong += i != 4 && a[i * PAGE] != (char)(i + 1);
	expect_eq("pages around the holes that changed", wrong, 0);
	expect_status("the hole in the middle", child_run(reads, a + 4 * PAGE), KILLED(SIGSEGV));
	expect_status("the first page", child_run(reads, a), KILLED(SIGSEGV));
	expect_status("the last page", child_run(reads, a + 8 * PAGE), KILLED(SIGSEGV));
	expect_eq("munmap over everything", SYS(munmap, a, 9 * PAGE), 0);
	expect_status("nothing is left", child_run(reads, a + 2 * PAGE), KILLED(SIGSEGV));
}

static void protection(void)
{
	char *a = map_private(5 * PAGE);

	a[2 * PAGE] = 7;
	expect_eq("the middle one read-only", SYS(mprotect, a + 2 * PAGE, PAGE, PROT_READ), 0);
	expect_status("write there", child_run(writes, a + 2 * PAGE), KILLED(SIGSEGV));
	expect_status("write before it", child_run(writes, a + PAGE), EXITED(0));
	expect_status("write behind it", child_run(writes, a + 3 * PAGE), EXITED(0));
	expect_eq("no access", SYS(mprotect, a + 2 * PAGE, PAGE, PROT_NONE), 0);
	expect_status("read there", child_run(reads, a + 2 * PAGE), KILLED(SIGSEGV));
	expect_eq("all of it writable again", SYS(mprotect, a, 5 * PAGE, RW), 0);
	expect_status("write there", child_run(writes, a + 2 * PAGE), EXITED(0));
	expect_eq("its content stayed", a[2 * PAGE], 7);
	unmap(a, 5 * PAGE);
}

static void of_a_file(void)
{
	char text[3 * PAGE], *private, *shared;
	long fd;

	memset(text, 'a', sizeof(text));
	text[PAGE] = 'b';
	file_write("file", text, 2 * PAGE + 100, 0644);
	fd = sys_open("file", O_RDWR, 0);
	private = (char *)sys_mmap(NULL, 3 * PAGE, RW, MAP_PRIVATE, (int)fd, 0);
	shared = (char *)sys_mmap(NULL, PAGE, RW, MAP_SHARED, (int)fd, PAGE);
	expect_ok("private", (long)private);
	expect_ok("shared, from the second page", (long)shared);
	expect_eq("its first byte", shared[0], 'b');
	private[0] = 'x';
	shared[1] = 'y';
	expect_eq("write to the shared one is seen in the private one", private[PAGE + 1], 'y');
	expect_eq("zeros behind the end of the file", private[2 * PAGE + 100], 0);
	SYS(lseek, fd, 0, 0);
	SYS(read, fd, text, sizeof(text));
	expect_eq("write to the private one is not in the file", text[0], 'a');
	expect_eq("write to the shared one is", text[PAGE + 1], 'y');
	expect_error("shared and writable of a read-only descriptor",
		     sys_mmap(NULL, PAGE, RW, MAP_SHARED, (int)sys_open("file", O_RDONLY, 0), 0),
		     EACCES);
	SYS(close, fd);
	expect_eq("mappings outlive the descriptor", shared[0], 'b');
	unmap(private, 3 * PAGE);
	unmap(shared, PAGE);
}

static void of_dev_zero(void)
{
	long fd = sys_open("/dev/zero", O_RDWR, 0), only_read = sys_open("/dev/zero", O_RDONLY, 0);
	char *private = (char *)sys_mmap(NULL, PAGE, RW, MAP_PRIVATE, (int)only_read, PAGE);
	char *shared = (char *)sys_mmap(NULL, PAGE, RW, MAP_SHARED, (int)fd, 0);

	expect_error("shared and writable of a read-only descriptor",
		     sys_mmap(NULL, PAGE, RW, MAP_SHARED, (int)only_read, 0), EACCES);
	if (expect_ok("private", (long)private) && expect_ok("shared", (long)shared)) {
		expect_status("a child writes both", child_run(writes, private), EXITED(0));
		child_run(writes, shared);
		expect_eq("the private one is the parent's", private[0], 0);
		expect_eq("the shared one is not", shared[0], 1);
		unmap(private, PAGE);
		unmap(shared, PAGE);
	}
	SYS(close, fd), SYS(close, only_read);
}

static const struct test_case cases[] = {
	{ "placement", placement },
	{ "refused", refused },
#ifdef __x86_64__
	{ "the last user page", last_page },
#endif
	{ "holes", holes },
	{ "protection", protection },
	{ "of a file", of_a_file },
	{ "of /dev/zero", of_dev_zero },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES_IN_TEMP(cases);
}

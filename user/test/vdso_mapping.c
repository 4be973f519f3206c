/* SPDX-License-Identifier: MIT */
/*
 * The vDSO as a mapping (R6.5, R6.11): its names and rights in /proc/self/maps, and what mprotect,
 * mremap and munmap do to it and to system calls through it.
 */
#include "user/lib/file.h"
#include "user/lib/test.h"
#include "user/lib/vdso.h"

static char maps[16384];

/* The line of /proc/self/maps with that name, cut off at its end; NULL: none. */
static char *line_of(const char *name)
{
	long n = file_read("/proc/self/maps", maps, sizeof(maps));
	char *line = maps;

	for (char *p = maps; n > 0 && *p; p++) {
		if (*p != '\n')
			continue;
		*p = 0;
		if ((size_t)(p - line) > strlen(name) && !strcmp(p - strlen(name), name))
			return line;
		line = p + 1;
	}
	return NULL;
}

static unsigned long hex(const char **p)
{
	unsigned long value = 0;

	for (;; ++*p) {
		if (**p >= '0' && **p <= '9')
			value = value * 16 + (**p - '0');
		else if (**p >= 'a' && **p <= 'f')
			value = value * 16 + (**p - 'a' + 10);
		else
			return value;
	}
}

static unsigned long start, size;

static bool find(void)
{
	const char *p = line_of("[vdso]");

	if (!p)
		return false;
	start = hex(&p);
	p++;
	size = hex(&p) - start;
	return true;
}

static void names_and_rights(void)
{
	const char *line;

	if (!vdso_base())
		return skip("no vDSO");
	expect_true("[vdso] is there", find());
	expect_hex("where AT_SYSINFO_EHDR says", start, (unsigned long)vdso_base());
	line = line_of("[vdso]");
	while (*line != ' ')
		line++;
	expect_true("readable and executable only", !strncmp(line + 1, "r-xp", 4));
	line = line_of("[vvar]");
	expect_true("[vvar] is there", line != NULL);
	while (line && *line != ' ')
		line++;
	expect_true("readable only", line && !strncmp(line + 1, "r--p", 4));
}

static int write_to(void *at)
{
	*(volatile char *)at = 1;
	return 0;
}

/* Private: a debugger's copy is nobody else's.  The data page can never be written. */
static void rights(void)
{
	const char *p = line_of("[vvar]");

	if (!vdso_base() || !p)
		return skip("no vDSO");
	find();
	expect_status("a write to the image", child_run(write_to, (void *)start), KILLED(SIGSEGV));
	expect_status("a write to the data",
		      child_run(write_to, (void *)(p = line_of("[vvar]"), hex(&p))),
		      KILLED(SIGSEGV));
	p = line_of("[vvar]");
	expect_error("mprotect of the data", SYS(mprotect, hex(&p), PAGE, PROT_READ | PROT_WRITE),
		     EACCES);
	expect_eq("the image's first byte", *(volatile unsigned char *)vdso_base(), 0x7f);
}

#ifndef __x86_64__
/* Six arguments through __kernel_vsyscall. */
static long through_vdso(void *entry, long nr, long a, long b, long c, long d, long e)
{
	long ret;

	__asm__ volatile("call *%1" : "=a"(ret) : "m"(entry), "0"(nr), "b"(a), "c"(b), "d"(c),
			 "S"(d), "D"(e) : "memory");
	return ret;
}

/* The call that moves the vDSO comes back to where it is now. */
static int moves(void *unused)
{
	char *entry = (char *)auxv(32, NULL);
	char *to = map_private(size);

	(void)unused;
	expect_hex("mremap through itself", (unsigned long)through_vdso(entry, __NR_mremap,
		   (long)start, (long)size, (long)size, MREMAP_MAYMOVE | MREMAP_FIXED, (long)to),
		   (unsigned long)to);
	entry += to - (char *)start;
	expect_eq("a call at the new place", through_vdso(entry, __NR_getpid, 0, 0, 0, 0, 0),
		  self_pid());
	return 0;
}
#else
static int moves(void *unused)
{
	long (*time)(long *) = vdso_symbol("__vdso_time");
	char *data_start, *to = map_private(size + 64 * PAGE) + 32 * PAGE;
	const char *p = line_of("[vvar]");
	unsigned long data = hex(&p);

	(void)unused;
	data_start = to - (start - data);
	expect_hex("mremap of the data",
		   (unsigned long)SYS(mremap, data, start - data, start - data,
				      MREMAP_MAYMOVE | MREMAP_FIXED, data_start),
		   (unsigned long)data_start);
	expect_hex("mremap of the image",
		   (unsigned long)SYS(mremap, start, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, to),
		   (unsigned long)to);
	time = (void *)((char *)time + (to - (char *)start));
	expect_true("a call at the new place", time(NULL) > 0);
	return 0;
}
#endif

static void moving(void)
{
	if (!vdso_base())
		return skip("no vDSO");
	find();
	expect_error("mremap that leaves the old place", SYS(mremap, start, size, size,
		     MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0), EINVAL);
	expect_status("child", child_run(moves, NULL), EXITED(0));
}

static int unmaps(void *unused)
{
	(void)unused;
	if (SYS(munmap, start, size))
		return 2;
	if (line_of("[vdso]"))
		return 3;
#ifndef __x86_64__
	through_vdso((void *)auxv(32, NULL), __NR_getpid, 0, 0, 0, 0, 0);
	return 4;
#endif
	return 0;
}

static void unmapping(void)
{
	if (!vdso_base())
		return skip("no vDSO");
	expect_status("child", child_run(unmaps, NULL), IS_64BIT ? EXITED(0) : KILLED(SIGSEGV));
}

static const struct test_case cases[] = {
	{ "names and rights", names_and_rights },
	{ "nobody writes", rights },
	{ "mremap", moving },
	{ "munmap", unmapping },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

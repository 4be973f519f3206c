/* SPDX-License-Identifier: MIT */
/*
 * Every system call that takes a pointer answers -EFAULT for addresses that are not the
 * program's: the kernel half, non-canonical ones, unmapped ones, read-only ones for results.
 * Nothing else happens then, and the kernel goes on.
 */
#include <linux/uio.h>
#include "user/lib/file.h"
#include "user/lib/test.h"

static int fds[2];			/* a pipe with some bytes in it */
static long folder;
static pid_t zombie;

/* clang-format off: one call a line */
static long call_read(void *p) { return SYS(read, fds[0], p, 4); }
static long call_write(void *p) { return SYS(write, fds[1], p, 4); }
static long call_readv(void *p) { return SYS(readv, fds[0], p, 1); }
static long call_writev(void *p) { return SYS(writev, fds[1], p, 1); }
static long call_open(void *p) { return sys_open(p, O_RDONLY, 0); }
static long call_stat_path(void *p) { file_stat st; return sys_stat(p, &st); }
static long call_stat(void *p) { return sys_stat("/", p); }
static long call_fstat(void *p) { return sys_fstat(fds[0], p); }
static long call_getcwd(void *p) { return SYS(getcwd, p, 100); }
static long call_chdir(void *p) { return SYS(chdir, p); }
static long call_mkdir(void *p) { return SYS(mkdir, p, 0700); }
static long call_unlink(void *p) { return SYS(unlink, p); }
static long call_rename(void *p) { return SYS(rename, "none", p); }
static long call_access(void *p) { return SYS(access, p, 0); }
static long call_readlink(void *p) { return SYS(readlink, "link", p, 10); }
static long call_getdents(void *p) { return SYS(getdents64, folder, p, 512); }
static long call_pipe(void *p) { return SYS(pipe, p); }
static long call_poll(void *p) { return SYS(poll, p, 1, 0); }
static long call_wait4(void *p) { return SYS(wait4, zombie, p, __WALL, NULL); }
static long call_waitid(void *p) { return SYS(waitid, P_ALL, 0, p, WEXITED | WNOWAIT, NULL); }
static long call_uname(void *p) { return SYS(uname, p); }
static long call_sysinfo(void *p) { return SYS(sysinfo, p); }
static long call_clock(void *p) { return SYS(clock_gettime, CLOCK_MONOTONIC, p); }
static long call_gettimeofday(void *p) { return SYS(gettimeofday, p, NULL); }
static long call_nanosleep(void *p) { return SYS(nanosleep, p, NULL); }
static long call_sigaction(void *p) { return SYS(rt_sigaction, SIGUSR1, p, NULL, 8); }
static long call_oldaction(void *p) { return SYS(rt_sigaction, SIGUSR1, NULL, p, 8); }
static long call_sigmask(void *p) { return SYS(rt_sigprocmask, SIG_BLOCK, p, NULL, 8); }
static long call_oldmask(void *p) { return SYS(rt_sigprocmask, SIG_BLOCK, NULL, p, 8); }
static long call_sigpending(void *p) { return SYS(rt_sigpending, p, 8); }
static long call_execve(void *p) { return SYS(execve, p, program_argv, program_envp); }
static long call_affinity(void *p) { return SYS(sched_getaffinity, 0, 1024, p); }
static long call_rusage(void *p) { return SYS(getrusage, 0, p); }
/* clang-format on */

static long call_futex(void *p)
{
	return SYS(futex, (unsigned long)p & -4ul, FUTEX_WAIT, 0, NULL);
}

static long call_iov_base(void *p)
{
	struct iovec v = { p, 4 };

	return SYS(readv, fds[0], &v, 1);
}

static const struct {
	const char *name;
	long (*call)(void *p);
	bool reads;			/* the kernel only reads there: a read-only page is fine */
	bool null_is_fine;
} table[] = {
	{ "read", call_read, false, false },
	{ "write", call_write, true, false },
	{ "readv: vector", call_readv, true, false },
	{ "readv: buffer", call_iov_base, false, false },
	{ "writev: vector", call_writev, true, false },
	{ "open", call_open, true, false },
	{ "stat: path", call_stat_path, true, false },
	{ "stat: result", call_stat, false, false },
	{ "fstat", call_fstat, false, false },
	{ "getcwd", call_getcwd, false, false },
	{ "chdir", call_chdir, true, false },
	{ "mkdir", call_mkdir, true, false },
	{ "unlink", call_unlink, true, false },
	{ "rename", call_rename, true, false },
	{ "access", call_access, true, false },
	{ "readlink", call_readlink, false, false },
	{ "getdents64", call_getdents, false, false },
	{ "pipe", call_pipe, false, false },
	{ "poll", call_poll, false, false },
	{ "wait4", call_wait4, false, true },
	{ "waitid", call_waitid, false, true },
	{ "uname", call_uname, false, false },
	{ "sysinfo", call_sysinfo, false, false },
	{ "clock_gettime", call_clock, false, false },
	{ "gettimeofday", call_gettimeofday, false, true },
	{ "nanosleep", call_nanosleep, true, false },
	{ "rt_sigaction: new", call_sigaction, true, true },
	{ "rt_sigaction: old", call_oldaction, false, true },
	{ "rt_sigprocmask: new", call_sigmask, true, true },
	{ "rt_sigprocmask: old", call_oldmask, false, true },
	{ "rt_sigpending", call_sigpending, false, false },
	{ "execve", call_execve, true, false },
	{ "sched_getaffinity", call_affinity, false, false },
	{ "getrusage", call_rusage, false, false },
	{ "futex", call_futex, true, false },
};

static int exits(void *unused)
{
	(void)unused;
	return 0;
}

static void prepare(void)
{
	siginfo_t info;

	SYS(pipe, fds);
	SYS(write, fds[1], "abcdefgh", 8);
	folder = sys_open("/", O_RDONLY | O_DIRECTORY, 0);
	SYS(symlink, "target", "link");
	file_write("none", "", 0, 0644);
	zombie = child_start(exits, NULL);
	SYS(waitid, P_PID, zombie, &info, WEXITED | WNOWAIT, NULL);
}

static void clean_up(void)
{
	child_wait(zombie);
	SYS(close, fds[0]), SYS(close, fds[1]), SYS(close, folder);
}

/* Every call with that address.  A wait4 that fails has still reaped: it needs a new zombie. */
static void try_address(const char *what, void *at, bool read_only)
{
	unsigned calls = 0;

	prepare();
	for (unsigned i = 0; i < COUNT(table); i++) {
		long ret;

		if ((read_only && table[i].reads) || (!at && table[i].null_is_fine))
			continue;
		ret = table[i].call(at);
		calls++;
		if (ret != -EFAULT)
			fail("%s, %s at %p: expected -EFAULT, got %ld", what, table[i].name, at,
			     ret);
		if (table[i].call == call_wait4)
			zombie = child_start(exits, NULL);
	}
	clean_up();
	note("%s (%p): %u calls, -EFAULT expected of each", what, at, calls);
}

static void every_call(void)
{
	char *hole = map_before_hole(PAGE);

	try_address("null", NULL, false);
	try_address("below everything", (void *)4096, false);
	try_address("unmapped", hole + PAGE, false);
#ifdef __x86_64__
	try_address("first address that is no user address", (void *)user_end(), false);
	try_address("last one below the hole", (void *)(user_end() + PAGE - 4), false);
	try_address("the hole", (void *)(user_end() + PAGE), false);
	try_address("non-canonical", (void *)0x8000000000000000, false);
	try_address("kernel half", (void *)0xffff800000000000, false);
	try_address("direct map", (void *)0xffff888000100000, false);
	try_address("kernel text", (void *)0xffffffff81000000, false);
	try_address("last word", (void *)-8, false);
#else
	try_address("above the user half", (void *)0xffffe000, false);
	try_address("last word", (void *)-8, false);
#endif
	SYS(mprotect, hole, PAGE, PROT_NONE);
	try_address("no access", hole, false);
	SYS(mprotect, hole, PAGE, PROT_READ);
	try_address("read-only", hole, true);
	unmap(hole, PAGE);
}

static const struct test_case cases[] = {
	{ "every call, every kind of address", every_call },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES_IN_TEMP(cases);
}

/* SPDX-License-Identifier: MIT */
/*
 * Programs of one bitness that use the other (spec 6.8, R6.30): INT 0x80 from 64-bit code, and
 * exec from 64 to 32 bit and back.  The other bitness of this very program stands in the
 * neighbouring folder.  After exec the first system calls must go by the new program's table:
 * numbers mean different things in both.
 */
#include "user/lib/file.h"
#include "user/lib/regs.h"
#include "user/lib/test.h"

#define HOPS 6

static char other_path[PATH_MAX];

/* .../64/name becomes .../32/name, or the reverse. */
static void find_other(void)
{
	char *name;

	format(other_path, sizeof(other_path), "%s", self_path());
	name = strrchr(other_path, '/');
	if (!name || name < other_path + 2)
		test_abort(other_path, -ENOENT);
	memcpy(name - 2, IS_64BIT ? "32" : "64", 2);
}

/* Executes the other bitness with one hop less; at 0 the chain ends. */
static int hop(long left, const char *origin)
{
	char number[8];
	char *argv[] = { other_path, "hop", number, (char *)origin, NULL };

	format(number, sizeof(number), "%ld", left);
	return (int)-SYS(execve, other_path, argv, program_envp);
}

static int exits(void *unused)
{
	(void)unused;
	return 33;
}

/* Registers, addresses and system calls are those of this bitness. */
static int arrived(char **argv)
{
	long left = (long)parse_number(argv[2]);
	unsigned long brk = (unsigned long)SYS(brk, 0);
	struct regs in = { .ax = 20, .flags = 0x202 }, out;

	if (start_registers.cs != (IS_64BIT ? 0x33 : 0x23))
		return 101;
	if (brk < PAGE || self_pid() != (pid_t)parse_number(argv[3]))
		return 102;
	/* INT 0x80 means the i386 table in both. */
	regs_int80(&in, &out);
	if ((pid_t)out.ax != self_pid())
		return 103;
	if (child_run(exits, NULL) != EXITED(33))
		return 104;
	return left ? hop(left - 1, argv[3]) : 0;
}

static int start_hopping(void *hops)
{
	char pid[16];

	format(pid, sizeof(pid), "%d", self_pid());
	return hop((long)hops, pid);
}

static void one_exec(void)
{
	expect_status("exec of the other bitness", child_run(start_hopping, (void *)0), EXITED(0));
}

static void many_execs(void)
{
	expect_status("back and forth", child_run(start_hopping, (void *)HOPS), EXITED(0));
}

#ifdef __x86_64__
#define NR32_FORK 2
#define NR32_WAITPID 7
#define NR32_MMAP2 192

static long int80(long nr, long b, long c, long d, long si, long di)
{
	struct regs in = { .ax = (unsigned long)nr, .bx = (unsigned long)b, .cx = (unsigned long)c,
			   .dx = (unsigned long)d, .si = (unsigned long)si,
			   .di = (unsigned long)di, .flags = 0x202 };
	struct regs out;

	regs_int80(&in, &out);
	return (long)out.ax;
}

/* The high half of an argument is nothing; memory comes from the low 4 GiB. */
static void calls_of_the_other_table(void)
{
	static int status;
	long ret, pid;

	ret = int80(NR32_MMAP2, 0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect_true("mmap2 gives a 32-bit address", ret > 0 && ret < 0x100000000);
	if (ret > 0) {
		*(volatile char *)ret = 1;
		unmap((void *)ret, PAGE);
	}
	pid = int80(NR32_FORK, 0, 0, 0, 0, 0);
	if (pid == 0)
		sys_exit(51);
	expect_eq("waitpid", int80(NR32_WAITPID, pid, (long)&status, 0, 0, 0), pid);
	expect_status("a child forked by INT 0x80", status, EXITED(51));
	expect_eq("getpid by SYSCALL and by INT 0x80", int80(20, 0, 0, 0, 0, 0), self_pid());
}
#endif

static const struct test_case cases[] = {
#ifdef __x86_64__
	{ "INT 0x80 from 64-bit code", calls_of_the_other_table },
#endif
	{ "exec once", one_exec },
	{ "exec back and forth", many_execs },
};

int main(int argc, char **argv, char **envp)
{
	(void)envp;
	find_other();
	if (argc == 4)
		return arrived(argv);
	return RUN_CASES(cases);
}

/* SPDX-License-Identifier: MIT */
/*
 * /sbin/init, process 1: what the kernel command line names after "--".
 *
 *	(nothing)	a line about the machine, then every test
 *	run-tests [--dir PATH] [--limit SECONDS] [PATTERN...]
 *	job		the program in /run/job
 *	shell		an interactive shell
 *	true		nothing: did the machine reach user mode?
 *
 * Its exit status becomes that of the machine.  It mounts and makes nothing: the kernel
 * provides /dev and /proc.  On Linux it is an ordinary program: run-tests --dir.
 */
#include <linux/sysinfo.h>
#include <linux/utsname.h>
#include "user/init/init.h"
#include "user/lib/print.h"
#include "user/lib/start.h"
#include "user/lib/string.h"

#define DEFAULT_LIMIT 60
#define HWCAP2_FSGSBASE 2

unsigned count_cpus(void)
{
	static unsigned long mask[64];
	long n = SYS(sched_getaffinity, 0, sizeof(mask), mask);
	unsigned cpus = 0;

	for (long i = 0; i < n * 8; i++)
		cpus += mask[i / (8 * sizeof(long))] >> i % (8 * sizeof(long)) & 1;
	return cpus;
}

bool has_fsgsbase(void)
{
	bool found;

	return auxv(AT_HWCAP2, &found) & HWCAP2_FSGSBASE;
}

void print_banner(void)
{
	struct new_utsname name = { .sysname = "?" };
	struct sysinfo info = { .totalram = 0 };

	SYS(uname, &name);
	SYS(sysinfo, &info);
	print("# %s %s %s: %u CPUs, %lu KiB memory, fsgsbase %s\n", name.sysname, name.release,
	      name.machine, count_cpus(), info.totalram / 1024 * info.mem_unit,
	      has_fsgsbase() ? "on" : "off");
}

static int tests_from_arguments(char **argv)
{
	const char *directory = "/test";
	unsigned limit = DEFAULT_LIMIT;

	for (; argv[0] && argv[0][0] == '-'; argv += 2) {
		if (!argv[1]) {
			print("init: %s: unknown option, or without a value\n", argv[0]);
			return 2;
		}
		if (!strcmp(argv[0], "--dir")) {
			directory = argv[1];
		} else if (!strcmp(argv[0], "--limit")) {
			limit = (unsigned)parse_number(argv[1]);
			if (!limit) {
				print("init: --limit takes a number of seconds, not %s\n", argv[1]);
				return 2;
			}
		} else {
			print("init: unknown option %s\n", argv[0]);
			return 2;
		}
	}
	return run_tests(directory, limit, argv);
}

int main(int argc, char **argv, char **envp)
{
	const char *what = argc > 1 ? argv[1] : "";

	(void)envp;
	if (!*what) {
		print_banner();
		return tests_from_arguments(argv + argc);
	}
	if (!strcmp(what, "run-tests"))
		return tests_from_arguments(argv + 2);
	if (!strcmp(what, "job"))
		return run_job();
	if (!strcmp(what, "shell"))
		return run_shell();
	if (!strcmp(what, "true"))
		return 0;
	print("init: unknown argument %s (run-tests, job, shell, true)\n", what);
	return 2;
}

/* SPDX-License-Identifier: MIT */
/*
 * Gaps between the members of structures that the kernel fills in: they are zero, or they would
 * tell what was on the kernel's stack.
 */
#include <linux/sysinfo.h>
#include "user/lib/test.h"

static union {
	struct sysinfo sysinfo;
	stack_t stack;
	unsigned char bytes[256];
} out;

/* Leaves something on the kernel's stack to be found, and something in out. */
static void stir(void)
{
	static char path[PATH_MAX / 2];

	memset(path, 'x', sizeof(path) - 1);
	SYS(access, path, 0);
	SYS(readlink, "/proc/self/exe", path, sizeof(path));
	memset(&out, 0xa5, sizeof(out));
}

static void expect_zeroes(const char *what, size_t from, size_t to)
{
	unsigned long sum = 0;

	for (size_t i = from; i < to; i++)
		sum += out.bytes[i];
	expect_hex(what, sum, 0);
}

#define GAP(what, type, before, after)                                                             \
	expect_zeroes(what, offsetof(type, before) + sizeof(((type *)0)->before), after)

static void sysinfo_gaps(void)
{
	stir();
	expect_eq("sysinfo", SYS(sysinfo, &out), 0);
	GAP("before totalhigh", struct sysinfo, pad, offsetof(struct sysinfo, totalhigh));
	GAP("at the end", struct sysinfo, mem_unit, sizeof(struct sysinfo));
}

static void stack_gaps(void)
{
	stir();
	expect_eq("sigaltstack", SYS(sigaltstack, NULL, &out), 0);
	GAP("after ss_flags", stack_t, ss_flags, offsetof(stack_t, ss_size));
}


static const struct test_case cases[] = {
	{ "sysinfo", sysinfo_gaps },
	{ "sigaltstack", stack_gaps },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return RUN_CASES(cases);
}

/* SPDX-License-Identifier: MIT */
/* Test cases and their KTAP report. */
#include <linux/utsname.h>
#include "user/lib/test.h"

static bool failed;
static const char *skip_reason;
static int nested = -1;

static const char *indent(void)
{
	if (nested < 0)
		nested = env_get("KTAP_NESTED") != NULL;
	return nested ? "  " : "";
}

static void diagnostic(const char *mark, const char *fmt, va_list args)
{
	char text[PRINT_MAX - 32];

	vformat(text, sizeof(text), fmt, args);
	print("%s# %s%s\n", indent(), mark, text);
}

void note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	diagnostic("", fmt, args);
	va_end(args);
}

void fail(const char *fmt, ...)
{
	va_list args;

	failed = true;
	va_start(args, fmt);
	diagnostic("FAILED: ", fmt, args);
	va_end(args);
}

void skip(const char *reason)
{
	skip_reason = reason;
}

void test_abort(const char *what, long result)
{
	char buf[40];

	print("%sBail out! %s: %s\n", indent(), what, describe_result(buf, sizeof(buf), result));
	sys_exit(STATUS_FAIL);
}

int test_failed(void)
{
	return failed;
}

void test_forget_failures(void)
{
	failed = false;
}

static void write_counts(const struct test_counts *counts)
{
	const char *fd = env_get("KTAP_COUNTS");

	if (fd)
		SYS(write, parse_number(fd), counts, sizeof(*counts));
}

static void run_case(const struct test_case *c, unsigned number, struct test_counts *counts)
{
	failed = false;
	skip_reason = NULL;
	c->run();
	if (failed) {
		counts->failed++;
		print("%snot ok %u %s\n", indent(), number, c->name);
	} else if (skip_reason) {
		counts->skipped++;
		print("%sok %u %s # SKIP %s\n", indent(), number, c->name, skip_reason);
	} else {
		counts->passed++;
		print("%sok %u %s\n", indent(), number, c->name);
	}
}

int run_cases(const struct test_case *cases, unsigned n)
{
	struct test_counts counts = { 0, 0, 0 };

	if (!*indent())		/* init names a subtest, behind its version line (KTAP) */
		print("KTAP version 1\n");
	print("%s1..%u\n", indent(), n);
	for (unsigned i = 0; i < n; i++)
		run_case(&cases[i], i + 1, &counts);
	write_counts(&counts);
	if (counts.failed)
		return STATUS_FAIL;
	return counts.passed ? 0 : STATUS_SKIP;
}

bool on_paranoid(void)
{
	struct new_utsname name;

	return SYS(uname, &name) == 0 && strstr(name.release, "paranoid");
}

bool may_raise_priority(void)
{
	int normal = 0, lowest = 1;
	bool may = on_paranoid() || !SYS(sched_setscheduler, 0, 1, &lowest);	/* SCHED_FIFO */

	if (!may)
		skip("not on Linux: no right to raise priorities");
	else if (!on_paranoid())
		SYS(sched_setscheduler, 0, 0, &normal);
	return may;
}

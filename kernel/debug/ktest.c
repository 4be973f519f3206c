/* SPDX-License-Identifier: MIT */
/* The runner of the in-kernel tests.  Their report is seen with the option quiet, too. */
#include "kernel/debug/ktest.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"

extern const struct ktest __ktests_start[], __ktests_end[];

void ktest_fail(struct ktest_result *result, const char *what, long long got, long long expected)
{
	result->failed = true;
	printk_warn("# %s: expected %lld (%llx), got %lld (%llx)\n", what, expected,
		    (unsigned long long)expected, got, (unsigned long long)got);
}

static bool run_one(const struct ktest *t, unsigned number)
{
	struct ktest_result r = { 0 };

	printk_warn("# running %s\n", t->name);
	t->fn(&r);
	if (r.skip && !r.failed)
		printk_warn("ok %u %s # SKIP %s\n", number, t->name, r.skip);
	else
		printk_warn("%sok %u %s\n", r.failed ? "not " : "", number, t->name);
	return !r.failed;
}

static void list(void)
{
	for (const struct ktest *t = __ktests_start; t < __ktests_end; t++)
		printk_warn("%s%s\n", t->name, t->on_request ? " (not in all)" : "");
}

int ktest_run(const char *name)
{
	bool all = !strcmp(name, "all");
	unsigned number = 0;
	int failures = 0;

	if (!strcmp(name, "list")) {
		list();
		return 0;
	}
	printk_warn("KTAP version 1\n");
	for (const struct ktest *t = __ktests_start; t < __ktests_end; t++)
		if (all ? !t->on_request : !strcmp(name, t->name))
			failures += !run_one(t, ++number);
	printk_warn("1..%u\n", number);
	return number ? failures : -1;
}

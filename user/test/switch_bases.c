/* SPDX-License-Identifier: MIT */
/*
 * Two threads on one CPU give way to each other, each with a GS of its own (spec 3.4; R3.1, R3.3,
 * R3.6).  The base of the "writer" belongs to no descriptor, that of the "loader" comes from a TLS
 * descriptor; at last both have the same selector (without FSGSBASE each with its descriptor's
 * base).  As small as it is, for labs/4-fsgsbase-switch steps through it; 64/segment_rows has all
 * the rows.
 */
#include <linux/prctl.h>
#include "user/lib/descriptors.h"
#include "user/lib/fsgs.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define TURNS	  3
#define SELECTOR  TLS_SELECTOR(TLS_FIRST + 1)
#define FREE_BASE 0x200001000	/* above 4 GiB: no descriptor has such a base */

enum side { WRITER, LOADER };

static unsigned long words[2];	/* the base of each one's descriptor */
static unsigned mistakes;

static void load_descriptor(enum side side)
{
	static struct user_desc made[2];	/* static: INT 0x80 wants it below 4 GiB */
	long err;

	made[side] = data_segment(TLS_FIRST + 1, (unsigned long)&words[side]);
	err = tls_write(&made[side]);
	if (err)
		test_abort("making a descriptor", err);
	write_gs(SELECTOR);
}

/* kernel_gs_base(): the user's base, as arch_prctl(ARCH_GET_GS) tells it. */
static void give_way(const char *name, unsigned selector, unsigned long base)
{
	for (unsigned i = 0; i < TURNS; i++) {
		SYS(sched_yield);
		if (read_gs() == selector && kernel_gs_base() == base)
			continue;
		note("%s: expected GS %x base 0x%lx, got GS %x base 0x%lx", name, selector, base,
		     read_gs(), kernel_gs_base());
		mistakes++;
	}
}

static void loader(void *unused)
{
	(void)unused;
	SYS(prctl, PR_SET_NAME, "loader");
	load_descriptor(LOADER);
	give_way("loader", SELECTOR, (unsigned long)&words[LOADER]);
}

static void null_selector(void)
{
	struct thread other;

	mistakes = 0;
	thread_start(&other, loader, NULL);
	if (have_fsgsbase())
		wrgsbase(FREE_BASE);
	else
		SYS(arch_prctl, ARCH_SET_GS, FREE_BASE);
	give_way("writer", 0, FREE_BASE);
	thread_join(&other);
	SYS(arch_prctl, ARCH_SET_GS, 0);
	expect_eq("differences", mistakes, 0);
}

static void equal_selectors(void)
{
	unsigned long base = have_fsgsbase() ? FREE_BASE : (unsigned long)&words[WRITER];
	struct thread other;

	mistakes = 0;
	thread_start(&other, loader, NULL);
	load_descriptor(WRITER);
	if (have_fsgsbase())
		wrgsbase(FREE_BASE);
	give_way("writer", SELECTOR, base);
	thread_join(&other);
	expect_eq("differences", mistakes, 0);
}

static const struct test_case cases[] = {
	{ "a null selector and a descriptor's", null_selector },
	{ "equal selectors", equal_selectors },
};

int main(int argc, char **argv, char **envp)
{
	unsigned long first[16] = { 1 };
	int priority = 1;

	(void)argc, (void)argv, (void)envp;
	SYS(prctl, PR_SET_NAME, "writer");
	SYS(sched_setaffinity, 0, sizeof(first), first);
	/* No slices: only a yield switches.  On Linux it may be refused, and matters less. */
	SYS(sched_setscheduler, 0, SCHED_FIFO, &priority);
	return RUN_CASES(cases);
}

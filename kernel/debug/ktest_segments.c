/* SPDX-License-Identifier: MIT */
/*
 * Kernel test of the segments across a switch (sched/segments.h), without programs: the rows of
 * spec 3.4 with null, flat and TLS selectors are loaded after each other and must be found again
 * (R3.1, R3.3, R3.6).  The bases stay below 2^47, so that the same rows are right without FSGSBASE.
 */
#include "kernel/debug/ktest.h"
#include "sched/user_state.h"

#define TLS	   (GDT_TLS << 3 | 3)
#define LOW	   0x00204448ull
#define OTHER	   0x00abc000ull
#define FREE	   0x200001000ull
/* Data of user mode, 4 GiB from base on. */
#define DATA(base) (0x00cff3000000ffff | ((base) & 0xffffff) << 16 | (base) >> 24 << 56)

static const struct row {
	const char *name;
	struct thread_segments seg;
} rows[] = {
	{ "null selectors", { 0 } },
	{ "null selectors, bases of no descriptor", { .fs_base = FREE, .gs_base = FREE + 8 } },
	{ "flat", { .fs = USER_DS, .gs = USER_DS, .ds = USER_DS, .es = USER_DS } },
	{ "flat FS, another base", { .fs = USER_DS, .fs_base = FREE } },
	{ "flat GS, another base", { .gs = USER_DS, .gs_base = LOW } },
	{ "TLS, its base",
	  { .fs = TLS, .fs_base = LOW, .gs = TLS, .gs_base = LOW, .tls = { DATA(LOW) } } },
	{ "TLS, slot rewritten",
	  { .fs = TLS, .fs_base = LOW, .gs = TLS, .gs_base = LOW, .tls = { DATA(OTHER) } } },
	{ "TLS in FS, another base", { .fs = TLS, .fs_base = FREE, .tls = { DATA(LOW) } } },
	{ "TLS in GS, another base", { .gs = TLS, .gs_base = FREE, .tls = { DATA(OTHER) } } },
	{ "TLS, descriptor gone", { .fs = TLS, .fs_base = LOW, .gs = TLS, .gs_base = FREE } },
	{ "TLS, base 0", { .fs = TLS, .gs = TLS, .tls = { DATA(LOW) } } },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* A selector whose descriptor is gone comes back as 0. */
static uint64_t selectors_after(const struct thread_segments *seg)
{
	return seg->gs == TLS && !seg->tls[0] ? 0 : seg->selectors;
}

static void compare(struct ktest_result *result, const struct row *want,
		    const struct thread_segments *got)
{
	uint64_t selectors = selectors_after(&want->seg);

	if (got->selectors != selectors)
		ktest_fail(result, want->name, (long long)got->selectors, (long long)selectors);
	if (got->fs_base != want->seg.fs_base)
		ktest_fail(result, want->name, (long long)got->fs_base,
			   (long long)want->seg.fs_base);
	if (got->gs_base != want->seg.gs_base)
		ktest_fail(result, want->name, (long long)got->gs_base,
			   (long long)want->seg.gs_base);
}

/* Two switches of the user's registers, to a and then to b. */
static void switch_twice(const struct row *a, const struct row *b, struct thread_segments *found)
{
	segments_load(&a->seg);
	segments_save(found);
	segments_load(&b->seg);
	segments_save(found);
}

KTEST(switch_keeps_bases)
{
	struct thread_segments mine, found;
	uint64_t flags = irq_save();

	segments_save(&mine);
	for (unsigned i = 0; i < ROWS * ROWS && !result->failed; i++) {
		switch_twice(&rows[i / ROWS], &rows[i % ROWS], &found);
		compare(result, &rows[i % ROWS], &found);
	}
	segments_load(&mine);
	irq_restore(flags);
}

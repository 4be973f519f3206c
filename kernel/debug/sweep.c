/* SPDX-License-Identifier: MIT */
/*
 * Which runs the sweep makes, and what it reports.
 *
 * For each door, first a run for each instruction of the entry text only counts how often the door comes by there, from the
 * launch of the run to its report.  Then each of these times gets each event, with each hostile GS base.  The instructions
 * are those of the linked image (section .boundaries, kernel/debug/boundaries.py).
 */
#ifdef CONFIG_DEBUG
#include "kernel/cpu/clock.h"
#include "kernel/cpu/features.h"
#include "kernel/debug/panic.h"
#include "kernel/debug/sweep.h"
#include "kernel/lib/print.h"
#include "kernel/mm/layout.h"
#include "sched/sched.h"

#define MAX_BOUNDARIES 4096
#define MAX_OCCURRENCES 8	/* of one instruction on one way; more is a loop */

extern const uint32_t __boundaries_start[], __boundaries_end[];
extern const char __text_start[];

static const char *const event_names[EVENT_COUNT] = {
	[EVENT_DB] = "#DB", [EVENT_NMI] = "NMI", [EVENT_NMI_IN_DB] = "NMI in #DB",
	[EVENT_BP_IN_NMI] = "#BP in NMI", [EVENT_PF_IN_NMI] = "#PF in NMI",
};

/* Per boundary: a bit for each event that it has seen, from any door; the door at hand comes by so often. */
static uint8_t covered[MAX_BOUNDARIES], excepted[MAX_BOUNDARIES], hits[MAX_BOUNDARIES];
static unsigned failures;

static unsigned boundary_count(void)
{
	return MIN((size_t)(__boundaries_end - __boundaries_start), (size_t)MAX_BOUNDARIES);
}

static uintptr_t boundary(unsigned i)
{
	return KERNEL_BASE + __boundaries_start[i];
}

/* R2.20: the values that have fooled kernels.  Without FSGSBASE a base is below 2^47 or does not exist. */
static unsigned hostile_bases(uint64_t base[6])
{
	base[0] = 0;
	base[1] = 1;
	base[2] = (1ull << 47) - 1;
	if (!cpu_has(FEATURE_FSGSBASE))
		return 3;
	base[3] = ~0ull;
	base[4] = (uintptr_t)__text_start;
	base[5] = (uintptr_t)this_percpu();
	return 6;
}

static void report_problem(void)
{
	const struct sweep_run *r = &sweep_run;
	uintptr_t offset;
	const char *name = symbol_lookup(r->at, &offset);

	if (++failures > 20)
		return;
	printk("# %s, %s at %s+0x%lx (time %u), GS base %llx: %s is %llx, expected %llx\n",
	       r->door->name, r->event ? event_names[r->event] : "no event", name, offset,
	       r->occurrence + 1, (unsigned long long)r->gs_base, r->problem,
	       (unsigned long long)r->got, (unsigned long long)r->expected);
}

static void run(const struct sweep_door *door, enum sweep_event event, unsigned i,
		unsigned occurrence, uint64_t gs_base)
{
	sweep_run.door = door;
	sweep_run.event = event;
	sweep_run.at = boundary(i);
	sweep_run.occurrence = occurrence;
	sweep_run.gs_base = gs_base;
	sweep_execute();
	if (event && !sweep_run.fired)
		sweep_problem("coming by the instruction again", sweep_run.hits, occurrence + 1);
	if (sweep_run.problem)
		report_problem();
}

/* How often does this door come by each instruction? */
static unsigned discover(const struct sweep_door *door)
{
	unsigned ways = 0;

	for (unsigned i = 0; i < boundary_count(); i++) {
		hits[i] = 0;
		if (sweep_exception(door, EVENT_DB, boundary(i)))
			continue;
		run(door, EVENT_NONE, i, 0, 0);
		hits[i] = MIN(sweep_run.hits, MAX_OCCURRENCES);
		ways += hits[i] > 0;
	}
	return ways;
}

static void sweep_event(const struct sweep_door *door, enum sweep_event event, unsigned *done,
			unsigned *runs)
{
	uint64_t base[6];
	unsigned bases = hostile_bases(base);

	for (unsigned i = 0; i < boundary_count(); i++) {
		if (!hits[i])
			continue;
		if (sweep_exception(door, event, boundary(i))) {
			excepted[i] |= 1u << event;
			continue;
		}
		for (unsigned o = 0; o < hits[i]; o++)
			for (unsigned b = 0; b < bases; b++, ++*runs)
				run(door, event, i, o, base[b]);
		covered[i] |= 1u << event;
		++*done;
	}
}

static void sweep_door(const struct sweep_door *door)
{
	unsigned ways = discover(door), runs = 0;

	for (enum sweep_event event = EVENT_DB; event < EVENT_COUNT; event++) {
		unsigned done = 0;

		sweep_event(door, event, &done, &runs);
		printk("# %s: %s at %u of %u instructions\n", door->name, event_names[event], done,
		       ways);
	}
	printk("# %s: %u runs\n", door->name, runs);
}

/* The doors share most instructions, so the sum is over all of them. */
static void print_total(void)
{
	for (enum sweep_event event = EVENT_DB; event < EVENT_COUNT; event++) {
		unsigned done = 0;

		for (unsigned i = 0; i < boundary_count(); i++)
			done += covered[i] >> event & 1;
		printk("# %s at %u of %u instructions of the entry text\n", event_names[event],
		       done, boundary_count());
	}
}

/* Functions with instructions that no door came by. */
static void print_missing(void)
{
	const char *last = NULL;
	unsigned count = 0;
	uintptr_t offset;

	for (unsigned i = 0; i <= boundary_count(); i++) {
		const char *name = i < boundary_count() && !covered[i] ?
					   symbol_lookup(boundary(i), &offset) : NULL;

		if (name == last) {
			count++;
			continue;
		}
		if (last)
			printk("# not visited: %u instructions of %s\n", count, last);
		last = name;
		count = 1;
	}
}

KTEST(sweep)
{
	uint64_t affinity = current_thread()->affinity;

	failures = 0;
	if (sched_set_affinity(current_thread(), 1ull << (cpu_count - 1)) || sweep_start())
		KTEST_SKIP("out of memory");
	for (unsigned d = 0; d < sweep_door_count; d++)
		if (!sweep_doors[d].needs_tcg || cpu_has(FEATURE_TCG))
			sweep_door(&sweep_doors[d]);
	sweep_stop();
	print_total();
	print_missing();
	sched_set_affinity(current_thread(), affinity);
	KTEST_EQ(failures, 0);
}
#endif

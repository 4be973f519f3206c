/* SPDX-License-Identifier: MIT */
/*
 * Which runs the sweep makes, and what it reports.
 *
 * For each door, first a run for each instruction of the entry text only counts how often the door
 * comes by there, from the launch of the run to its report.  Then each of these times gets each
 * event, with each hostile GS base.  The instructions are those of the linked image (section
 * .boundaries, kernel/debug/boundaries.py).
 */
#ifdef CONFIG_DEBUG
#include "boot/cmdline.h"
#include "kernel/cpu/features.h"
#include "kernel/debug/panic.h"
#include "kernel/debug/sweep.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/layout.h"
#include "sched/sched.h"

#define MAX_OCCURRENCES 8	/* of one instruction on one way; more is a loop */

extern const struct entry_boundary __boundaries_start[], __boundaries_end[];
extern const char __text_start[];

static const char *const event_names[EVENT_COUNT] = {
	[EVENT_DB] = "#DB", [EVENT_NMI] = "NMI", [EVENT_NMI_IN_DB] = "NMI in #DB",
	[EVENT_BP_IN_NMI] = "#BP in NMI", [EVENT_PF_IN_NMI] = "#PF in NMI",
};

/*
 * Per boundary: a bit for each event that it has seen, from any door; the door at hand comes by so
 * often.
 */
static uint8_t covered[MAX_BOUNDARIES], hits[MAX_BOUNDARIES];
static bool state_checked[MAX_BOUNDARIES];
static const char *reason[MAX_BOUNDARIES];
static unsigned failures;

unsigned sweep_boundary_count(void)
{
	size_t n = __boundaries_end - __boundaries_start;

	if (n > MAX_BOUNDARIES)
		panic("the sweep has room for %u boundaries; there are %zu", MAX_BOUNDARIES, n);
	return n;
}

uintptr_t sweep_boundary(unsigned i)
{
	return KERNEL_BASE + __boundaries_start[i].offset;
}

/*
 * R2.20: the values that have fooled kernels.  Without FSGSBASE a base is below 2^47 or does not
 * exist.
 */
unsigned sweep_hostile_bases(uint64_t base[6])
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

void sweep_report_problem(const char *event)
{
	const struct sweep_run *r = &sweep_run;
	uintptr_t offset;
	const char *name = symbol_lookup(r->at, &offset);

	if (++failures > 20)
		return;
	printk("# %s, %s at %s+0x%lx (time %u), GS base %llx: %s is %llx, expected %llx\n",
	       r->door->name, event, name, offset,
	       r->occurrence + 1, (unsigned long long)r->gs_base, r->problem,
	       (unsigned long long)r->got, (unsigned long long)r->expected);
}

static void run(const struct sweep_door *door, enum sweep_event event, unsigned i,
		unsigned occurrence, uint64_t gs_base)
{
	sweep_run.door = door;
	sweep_run.event = event;
	sweep_run.boundary = &__boundaries_start[i];
	sweep_run.at = sweep_boundary(i);
	sweep_run.occurrence = occurrence;
	sweep_run.gs_base = gs_base;
	for (unsigned try = 0; try < 3; try++) {
		sweep_execute();
		sweep_trace_check();
		if (!event || sweep_run.fired || sweep_run.problem)
			break;
	}
	if (event && !sweep_run.fired)
		sweep_problem("coming by the instruction again", sweep_run.hits, occurrence + 1);
	if (sweep_run.problem)
		sweep_report_problem(event ? event_names[event] : "no event");
	if (sweep_run.state_checks)
		state_checked[i] = true;
}

/* A timer interrupt may come by as well; it does so twice in a row hardly ever. */
static unsigned count_hits(const struct sweep_door *door, unsigned i)
{
	unsigned least = MAX_OCCURRENCES;

	for (unsigned try = 0; try < 3 && least; try++) {
		run(door, EVENT_NONE, i, 0, 0);
		least = MIN(least, sweep_run.hits);
	}
	return least;
}

unsigned sweep_hits(unsigned i)
{
	return hits[i];
}

unsigned sweep_discover(const struct sweep_door *door)
{
	unsigned ways = 0;

	for (unsigned i = 0; i < sweep_boundary_count(); i++) {
		bool possible = sweep_possible(door, EVENT_DB, sweep_boundary(i));

		hits[i] = possible ? count_hits(door, i) : 0;
		ways += hits[i] > 0;
	}
	return ways;
}

/* All GS bases, or one that changes from place to place. */
static unsigned sweep_place(const struct sweep_door *door, enum sweep_event event, unsigned i,
			    bool full)
{
	uint64_t base[6];
	unsigned bases = sweep_hostile_bases(base), runs = 0;

	for (unsigned o = 0; o < hits[i]; o++)
		for (unsigned b = 0; b < bases; b++)
			if (full || (i + o + event) % bases == b) {
				run(door, event, i, o, base[b]);
				runs++;
			}
	covered[i] |= 1u << event;
	return runs;
}

static void sweep_door(const struct sweep_door *door, bool full)
{
	unsigned ways = sweep_discover(door), runs = 0, done[EVENT_COUNT] = { 0 };

	for (enum sweep_event event = EVENT_DB; event < EVENT_COUNT; event++)
		for (unsigned i = 0; i < sweep_boundary_count(); i++)
			if (hits[i] && sweep_possible(door, event, sweep_boundary(i))) {
				runs += sweep_place(door, event, i, full);
				done[event]++;
			}
	printk("# %s: of %u instructions #DB at %u, NMI at %u, NMI in #DB at %u, #BP in NMI at %u, "
	       "#PF in NMI at %u; %u runs\n", door->name, ways, done[EVENT_DB], done[EVENT_NMI],
	       done[EVENT_NMI_IN_DB], done[EVENT_BP_IN_NMI], done[EVENT_PF_IN_NMI], runs);
	if (!ways) {
		printk("# %s: no instruction of this door was found\n", door->name);
		failures++;
	}
}

/* What was left out, together by reason; how many. */
static void print_left_out(enum sweep_event event, const char *why)
{
	unsigned count = 0;
	const char *first = NULL, *last = NULL;
	uintptr_t offset;

	for (unsigned i = 0; i < sweep_boundary_count(); i++) {
		if (reason[i] != why)
			continue;
		last = symbol_lookup(sweep_boundary(i), &offset);
		first = first ? first : last;
		reason[i] = NULL;
		count++;
	}
	printk("# %s left out: %u, %s to %s: %s\n", event_names[event], count, first, last, why);
}

static void print_forgotten(enum sweep_event event, unsigned i)
{
	uintptr_t offset;
	const char *name = symbol_lookup(sweep_boundary(i), &offset);

	printk("# %s FORGOTTEN at %s+0x%lx: no door comes by, and there is no reason\n",
	       event_names[event], name, offset);
	failures++;
}

/* Every instruction has had the event, or has an excuse. */
static void print_total(enum sweep_event event)
{
	unsigned done = 0, filler = 0;

	for (unsigned i = 0; i < sweep_boundary_count(); i++) {
		bool had = covered[i] >> event & 1;

		done += had;
		reason[i] = had ? NULL : sweep_excuse(event, sweep_boundary(i));
		if (!had && !reason[i]) {
			print_forgotten(event, i);
		} else if (!had && !strcmp(reason[i], "filler")) {
			reason[i] = NULL;
			filler++;
		}
	}
	printk("# %s at %u of %u instructions of the entry text\n", event_names[event], done,
	       sweep_boundary_count() - filler);
	for (unsigned i = 0; i < sweep_boundary_count(); i++)
		if (reason[i])
			print_left_out(event, reason[i]);
}

/* R2.33: whoever had a #DB has also been compared with entry/states.txt. */
static void print_states(void)
{
	unsigned checked = 0, missing = 0;

	for (unsigned i = 0; i < sweep_boundary_count(); i++) {
		checked += state_checked[i];
		missing += (covered[i] >> EVENT_DB & 1) && !state_checked[i];
	}
	printk("# the state is that of entry/states.txt at %u instructions, not looked at: %u\n",
	       checked, missing);
	failures += missing;
}

bool sweep_usable(const struct sweep_door *door)
{
	return (!door->needs_amd || sweep_syscall32_open()) &&
	       (!door->needs_sysenter || sweep_sysenter_open()) &&
	       (!door->latches || !boot_options.nmi_early);
}

static void sweep_all(struct ktest_result *result, bool full)
{
	uint64_t affinity = current_thread()->affinity;

	failures = 0;
	/* The last CPU: where there are several, one that did not boot the machine. */
	if (sched_set_affinity(current_thread(), 1ull << (cpu_count - 1)) || sweep_start())
		KTEST_SKIP("out of memory");
	sweep_trace_start();
	for (unsigned d = 0; d < sweep_door_count; d++)
		if (sweep_usable(&sweep_doors[d]))
			sweep_door(&sweep_doors[d], full);
	sweep_stop();
	for (enum sweep_event event = EVENT_DB; event < EVENT_COUNT; event++)
		if (!boot_options.nmi_early || event == EVENT_DB || event == EVENT_NMI_IN_DB)
			print_total(event);
	print_states();
	sched_set_affinity(current_thread(), affinity);
	sweep_trace_report(result);
	KTEST_EQ(failures, 0);
}

KTEST(sweep)
{
	sweep_all(result, false);
}

KTEST_ON_REQUEST(sweep_full)
{
	sweep_all(result, true);
}
#endif

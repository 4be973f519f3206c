/* SPDX-License-Identifier: MIT */
/*
 * A second opinion on the sweep: NMIs at every instruction of a door, and no #DB in sight.
 *
 * QEMU delivers the LAPIC timer's interrupt as an NMI if its LVT entry says so; silicon knows no
 * such mode (SDM vol. 3, 11.5.1).  With -icount shift=0 one tick is one instruction.  So the timer
 * is set to 1 tick, 2 ticks ... before a door is prepared, and the NMI comes at one instruction
 * after the other, from the first of the way out to where the run is judged.  What the sweep finds
 * by breakpoints, and what the timer finds, must be the same instructions, with the same outcome.
 * Without -icount the timer comes by at a few of them only, and still must leave no trace.
 */
#ifdef CONFIG_DEBUG
#include "kernel/cpu/apic.h"
#include "kernel/cpu/apic_regs.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/percpu.h"
#include "kernel/debug/panic.h"
#include "kernel/debug/sweep.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "sched/sched.h"

#define MAX_TICKS 20000		/* much longer than any door */

static uint8_t found[MAX_BOUNDARIES];	/* by the door at hand */
static unsigned failures;

void sweep_timer_arm(void)
{
	if (sweep_run.event != EVENT_TIMER_NMI)
		return;
	apic_write(APIC_LVT_TIMER, APIC_DELIVER_NMI);
	apic_write(APIC_TIMER_INITIAL, sweep_run.ticks);
}

/* An interrupt at once, at which the kernel's own timers get the LAPIC back. */
void sweep_timer_disarm(void)
{
	if (sweep_run.event != EVENT_TIMER_NMI)
		return;
	apic_write(APIC_TIMER_INITIAL, 0);
	apic_timer_arm(1);
}

static unsigned find_boundary(uintptr_t rip)
{
	unsigned low = 0, high = sweep_boundary_count();

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (sweep_boundary(middle) < rip)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void sweep_timer_fired(uintptr_t rip)
{
	unsigned i = find_boundary(rip);

	sweep_run.fired = true;
	sweep_run.sent++;
	sweep_run.at = rip;
	if (i < sweep_boundary_count() && sweep_boundary(i) == rip)
		found[i] = true;
}

/* Longer and longer, until the door is through before the NMI comes.  How many NMIs. */
static unsigned tick_through(const struct sweep_door *door)
{
	uint64_t base[6];
	unsigned bases = sweep_hostile_bases(base), ticks;

	for (ticks = 1; ticks < MAX_TICKS; ticks++) {
		sweep_run.door = door;
		sweep_run.event = EVENT_TIMER_NMI;
		sweep_run.at = sweep_run.occurrence = 0;
		sweep_run.ticks = ticks;
		sweep_run.gs_base = base[ticks % bases];
		sweep_execute();
		if (sweep_run.problem) {
			failures++;
			sweep_report_problem("NMI of the timer");
		}
		if (!sweep_run.fired)
			break;
	}
	return ticks - 1;
}

static void print_missed(unsigned i)
{
	uintptr_t offset;
	const char *name = symbol_lookup(sweep_boundary(i), &offset);

	printk("# a breakpoint finds %s+0x%lx, the timer does not\n", name, offset);
}

static void second_opinion(const struct sweep_door *door, unsigned *both, unsigned *all)
{
	unsigned ways, nmis, agreed = 0;

	memset(found, 0, sizeof(found));
	nmis = tick_through(door);
	ways = sweep_discover(door);
	for (unsigned i = 0; i < sweep_boundary_count(); i++) {
		agreed += sweep_hits(i) && found[i];
		if (sweep_hits(i) && !found[i])
			print_missed(i);
	}
	printk("# %s: NMIs of the timer at %u of %u instructions; %u runs\n", door->name, agreed,
	       ways, nmis);
	*both += agreed;
	*all += ways;
}

/*
 * Doors that bring NMIs of their own are out, for they block this one; those that interrupt arm the
 * timer themselves.
 */
static bool suits(const struct sweep_door *door)
{
	return sweep_usable(door) && !door->nmis && !door->fresh && !door->interrupts &&
	       !door->step_from;
}

KTEST_ON_REQUEST(sweep_timer)
{
	uint64_t affinity = current_thread()->affinity;
	unsigned both = 0, all = 0;

	if (!cpu_has(FEATURE_TCG))
		KTEST_SKIP("not QEMU's translator: the LAPIC timer sends no NMI");
	failures = 0;
	if (sched_set_affinity(current_thread(), 1ull << (cpu_count - 1)) || sweep_start())
		KTEST_SKIP("out of memory");
	for (unsigned d = 0; d < sweep_door_count; d++)
		if (suits(&sweep_doors[d]))
			second_opinion(&sweep_doors[d], &both, &all);
	sweep_stop();
	sched_set_affinity(current_thread(), affinity);
	printk("# NMIs of the timer at %u of %u instructions of all doors\n", both, all);
	KTEST_EQ(failures, 0);
}
#endif

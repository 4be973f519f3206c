/* SPDX-License-Identifier: MIT */
/*
 * The state of the CPU at an interrupted instruction, compared with its row of entry/states.txt
 * (STATE-1, R2.33).
 */
#ifdef CONFIG_DEBUG
#include "kernel/cpu/cpu_area.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/sweep.h"
#include "kernel/lib/string.h"
#include "kernel/mm/layout.h"
#include "sched/thread.h"

struct gs_state {
	uint64_t active, inactive;
};

static bool is(const char *word, const char *name)
{
	return !strcmp(word, name);
}

/* As they were before paranoid_entry, which says what it found (entry/paranoid.asm). */
static struct gs_state gs_before(uint64_t found)
{
	uint64_t active = rdmsr(MSR_GS_BASE), inactive = rdmsr(MSR_KERNEL_GS_BASE);

	if (cpu_has(FEATURE_FSGSBASE))
		return (struct gs_state){ found, inactive };
	if (found)
		return (struct gs_state){ active, inactive };
	return (struct gs_state){ inactive, active };
}

static bool on_ist(uintptr_t rsp)
{
	unsigned cpu;
	bool guard;

	return ist_find(rsp, &cpu, &guard) && !guard && cpu == this_cpu(cpu);
}

static bool on_thread(uintptr_t rsp)
{
	return rsp - (uintptr_t)current_thread()->stack <= KERNEL_STACK_SIZE;
}

/*
 * Did the arrival that is under way come from user mode?  On an IST stack the CPU's frame is at the
 * top.  On the thread's the kernel never has less than a whole struct pt_regs.
 */
static bool arrived_from_user(uintptr_t rsp)
{
	if (on_ist(rsp))
		return ((const struct pt_regs *)((rsp | (IST_SIZE - 1)) + 1) - 1)->cs & 3;
	return on_thread(rsp) && rsp >= (uintptr_t)thread_regs(current_thread());
}

static bool gs_fits(const char *word, struct gs_state gs, uintptr_t rsp)
{
	uintptr_t kernel = (uintptr_t)&percpu_table[this_cpu(cpu)];
	bool same = sweep_run.gs_base == kernel;	/* both look alike */
	bool is_user = gs.inactive == kernel && (same || gs.active != kernel);
	bool is_kernel = gs.active == kernel && (same || on_ist(rsp) || gs.inactive != kernel);

	if (is(word, "user") || (is(word, "cs") && arrived_from_user(rsp)))
		return is_user;
	if (is(word, "kernel"))
		return is_kernel;
	return !is(word, "none") && (is_user || is_kernel);
}

static bool stack_fits(const char *word, uintptr_t rsp)
{
	if (is(word, "user"))
		return rsp == sweep_user_rsp();
	if (is(word, "entry"))
		return rsp == this_cpu(tss)->ist[IST_DF - 1];
	if (is(word, "thread") || (is(word, "either") && arrived_from_user(rsp)))
		return on_thread(rsp);
	if (is(word, "ist"))
		return on_ist(rsp);
	if (is(word, "used") || is(word, "either"))
		return on_thread(rsp) || on_ist(rsp);
	if (is(word, "switch"))
		return rsp - VMAP_BASE < VMAP_SIZE || rsp >= KERNEL_BASE;	/* or idle's */
	return is(word, "espfix") && (rsp & ~0xffff0000ul) == this_cpu(espfix_alias);
}

static bool interrupts_fit(const char *word, uint64_t flags)
{
	return is(word, "any") || is(word, "on") == !!(flags & X86_IF);
}

void sweep_check_state(const struct pt_regs *regs, uint64_t found_gs)
{
	const struct entry_boundary *b = sweep_run.boundary;
	struct gs_state gs = gs_before(found_gs);

	if (!gs_fits(b->gs, gs, regs->rsp))
		sweep_problem("STATE-1 violated: not the GS of entry/states.txt; active, inactive",
			      gs.active, gs.inactive);
	if (!stack_fits(b->stack, regs->rsp))
		sweep_problem("STATE-1 violated: not the stack of entry/states.txt; RSP, user's",
			      regs->rsp, sweep_user_rsp());
	if (!interrupts_fit(b->interrupts, regs->rflags))
		sweep_problem("STATE-1 violated: not the IF of entry/states.txt; RFLAGS",
			      regs->rflags, 0);
	sweep_run.state_checks++;
}
#endif

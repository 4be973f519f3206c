/* SPDX-License-Identifier: MIT */
/*
 * Events at one exact instruction, without help from an emulator.
 *
 * #DB: an execute breakpoint.  The doors of #DB itself cannot be visited so: the breakpoint would
 * bring the CPU to the top of the stack on which it already is.  What #DB shares with #MC and NMI -
 * paranoid_entry, paranoid_exit, the hop - is visited through those, by a breakpoint at their first
 * instruction and single steps from there: TF is clear while the #DB handler runs.
 *
 * NMI: from inside that #DB.  An NMI handler sends a second NMI, which waits, for NMIs are blocked.
 * Then the handler is abandoned without its IRETQ, and NMIs stay blocked until #DB's own IRETQ, to
 * exactly the chosen instruction: there the waiting one is taken.
 */
#ifdef CONFIG_DEBUG
#include "kernel/cpu/apic.h"
#include "kernel/cpu/cpu_area.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/entry_trace.h"
#include "kernel/debug/sweep.h"
#include "kernel/mm/extable.h"
#include "kernel/mm/layout.h"

#define DR7_ENABLES 0xffull

extern const char paranoid_entry[], entry_DB[], __entry_text_start[], __entry_text_end[];

int sweep_setjmp(uint64_t jump[8]) __attribute__((returns_twice));
__noreturn void nmi_abandon(struct pt_regs *regs, const uint64_t jump[8]);

/* What the next run of the NMI handler does. */
static enum { ACT_NOTHING, ACT_LATCH, ACT_INT3, ACT_FAULT } action;
static uint64_t jump[8];
static unsigned seen;		/* NMIs sent when a handler last began */
static unsigned depth;		/* handlers that have not ended */
static bool expect_rip;

void sweep_problem(const char *what, uint64_t got, uint64_t expected)
{
	if (sweep_run.problem)
		return;		/* the first one tells most */
	sweep_run.problem = what;
	sweep_run.got = got;
	sweep_run.expected = expected;
}

void sweep_reset_events(void)
{
	if (sweep_run.fired && seen != sweep_run.sent)
		sweep_problem("an NMI was lost; handler last began after", seen, sweep_run.sent);
	action = ACT_NOTHING;
	seen = depth = 0;
	expect_rip = false;
}

static bool by_steps(void)
{
	return sweep_run.at >= (uintptr_t)paranoid_entry && sweep_run.at < (uintptr_t)entry_DB;
}

void sweep_arm(void)
{
	write_dr0(by_steps() ? (uintptr_t)sweep_run.door->step_from : sweep_run.at);
	write_dr7(sweep_run.event == EVENT_TIMER_NMI ? 0 : DR7_EXECUTE_DR0);
}

void sweep_disarm(void)
{
	write_dr7(0);
}

void sweep_send_nmi(void)
{
	sweep_run.sent++;
	ipi_send_nmi(this_cpu(cpu));
	for (unsigned i = 0; i < 20; i++)
		cpu_relax();
}

/* The abandoned handler cannot give DR7 back. */
void sweep_latch_nmi(void)
{
	uint64_t dr7 = read_dr7();

	write_dr7(0);
	if (!sweep_setjmp(jump)) {
		action = ACT_LATCH;
		sweep_send_nmi();
		action = ACT_NOTHING;	/* it did not come: blocked already, so this one waits */
	}
	write_dr7(dr7);
}

void sweep_nest_next_nmi(void)
{
	action = ACT_INT3;
}

static void abandon(struct pt_regs *regs)
{
	depth--;
	trace_exit(regs, 0);
	this_cpu(nmi_state) = 0;
	sweep_send_nmi();
	nmi_abandon(regs, jump);
}

static void breakpoint_instruction(void)
{
	__asm__ volatile("int3\n1:\n\t" EXTABLE("1b", "1b"));
}

static void page_fault(void)
{
	__asm__ volatile("1:\tmovb (%0), %%al\n2:\n\t" EXTABLE("1b", "2b")
			 ::"r"(SWEEP_HOLE + PAGE_SIZE) : "al", "memory");
}

/* A breakpoint inside would bring #DB back to the top of its own stack. */
static void check_dr7(void)
{
	if (read_dr7() & DR7_ENABLES)
		sweep_problem("R2.9: DR7 in a handler", read_dr7(), 0);
}

void sweep_nmi_probe(struct pt_regs *regs)
{
	int todo = action;

	sweep_run.nmis++;
	if (sweep_run.event == EVENT_TIMER_NMI)
		sweep_timer_fired(regs->rip);
	seen = sweep_run.sent;
	if (++depth > 1)
		sweep_problem("NMI handlers run inside each other", depth, 1);
	if (rdmsr(MSR_GS_BASE) != (uintptr_t)&percpu_table[this_cpu(cpu)])
		sweep_problem("GS-1 in the NMI handler", rdmsr(MSR_GS_BASE), this_cpu(cpu));
	/* AC means something in ring 0 only with SMAP, and CLAC is #UD without. */
	if (read_flags() & (X86_DF | (cpu_has(FEATURE_SMAP) ? X86_AC : 0)))
		sweep_problem("R2.26: flags in the NMI handler", read_flags(), 0);
	check_dr7();
	action = ACT_NOTHING;
	if (todo == ACT_LATCH)
		abandon(regs);
	if (expect_rip && regs->rip != sweep_run.at)
		sweep_problem("the NMI came elsewhere, at", regs->rip, sweep_run.at);
	expect_rip = false;
	if (todo == ACT_INT3 || todo == ACT_FAULT)
		sweep_send_nmi();	/* waits */
	if (todo == ACT_INT3)
		breakpoint_instruction();
	if (todo == ACT_FAULT)
		page_fault();
	depth--;
}

static void fire(void)
{
	bool in_nmi = depth > 0 || sweep_run.door->nmis;

	sweep_run.fired = true;
	switch (sweep_run.event) {
	case EVENT_NMI_IN_DB:
		sweep_send_nmi();
		if (!in_nmi && seen != sweep_run.sent)
			sweep_problem("the NMI did not come inside #DB; NMIs", seen,
				      sweep_run.sent);
		break;
	case EVENT_NMI:
	case EVENT_BP_IN_NMI:
	case EVENT_PF_IN_NMI:
		sweep_latch_nmi();
		action = sweep_run.event == EVENT_BP_IN_NMI ? ACT_INT3 :
			 sweep_run.event == EVENT_PF_IN_NMI ? ACT_FAULT : ACT_NOTHING;
		expect_rip = !in_nmi;	/* an NMI that interrupts an NMI runs after it */
		break;
	default:
		break;
	}
}

/*
 * Steps end where the door does: its handler runs on the IST stack, or, from user mode, is a plain
 * one.
 */
static bool in_door(const struct pt_regs *regs)
{
	unsigned cpu;
	bool guard;

	return regs->rip - (uintptr_t)__entry_text_start <
		       (uintptr_t)(__entry_text_end - __entry_text_start) ||
	       ist_find(regs->rsp, &cpu, &guard);
}

void sweep_debug_probe(struct pt_regs *regs, uint64_t found_gs)
{
	if (this_percpu() != &percpu_table[this_cpu(cpu)])
		sweep_problem("GS-1 in the #DB handler", (uintptr_t)this_percpu(), 0);
	if (regs->rip == sweep_run.at && sweep_running())
		sweep_check_state(regs, found_gs);
	check_dr7();
	if (regs->rip == sweep_run.at && !sweep_run.fired &&
	    sweep_run.hits++ == sweep_run.occurrence && sweep_run.event != EVENT_NONE)
		fire();
	if (by_steps() && !sweep_run.fired && in_door(regs))
		regs->rflags |= X86_TF;
}
#endif

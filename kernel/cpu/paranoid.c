/* SPDX-License-Identifier: MIT */
/*
 * The C halves of #DB and #DF (entry/paranoid.asm); that of #MC is machine_check.c.
 *
 * What runs on an IST stack may have interrupted anything, the holder of any lock included: it
 * takes none, sleeps never, and touches no user memory (R2.36).
 */
#include <asm/signal.h>
#include <asm/siginfo.h>
#include "kernel/cpu/cpu_area.h"
#include "kernel/cpu/espfix.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/traps.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/entry_trace.h"
#include "kernel/debug/panic.h"
#include "kernel/mm/image.h"
#include "kernel/mm/vmap.h"
#include "kernel/process/signal.h"
#include "sched/sched.h"

#define TRAP_DB 1
#define TRAP_DF 8

#define DR6_B0_B3 0x000full
#define DR6_BS    0x4000ull
/* The others, as take_dr6() turns them: B0-B3, BLD, BD, BT, RTM (SDM vol. 3, 18.2.3). */
#define DR6_CAUSES 0x1a80full

/* Read and cleared at once, so that two causes are never merged (R2.8). */
static uint64_t take_dr6(void)
{
	uint64_t dr6 = read_dr6();

	write_dr6(DR6_CLEAR);
	return dr6 ^ DR6_CLEAR;
}

static void check_ist(struct pt_regs *regs, unsigned ist)
{
#ifdef CONFIG_DEBUG
	ist_check((uintptr_t)regs, ist);
#endif
}

void exc_debug_user(struct pt_regs *regs)
{
	uint64_t cause = take_dr6();
	int code = cause & DR6_BS ? TRAP_TRACE : cause & DR6_B0_B3 ? TRAP_HWBKPT : TRAP_BRKPT;

	trace_enter(regs, TRAP_DB, cause);
	this_percpu()->db_count++;
	irq_enable();
	signal_fault(SIGTRAP, code, regs->rip, TRAP_DB, 0);
}

/*
 * SYSENTER does not clear TF: its first instructions are stepped with the user's, until they have
 * saved it and clear it themselves (spec 6.6).
 */
static bool in_sysenter_steps(uint64_t rip)
{
	extern const uint8_t entry_SYSENTER[], entry_SYSENTER_flags_clean[];

	return rip >= (uintptr_t)entry_SYSENTER && rip < (uintptr_t)entry_SYSENTER_flags_clean;
}

/*
 * Nobody steps the kernel from inside, and INT1 is not in it.  What does come, an emulator's debugger
 * for one, must not go on (spec 2.5).  A lock may be held here, so the warning is a count in
 * /proc/interrupts.
 */
static void end_stray(struct pt_regs *regs, uint64_t cause)
{
	if (cause & DR6_BS ? in_sysenter_steps(regs->rip) : cause & DR6_CAUSES)
		return;
	regs->rflags &= ~X86_TF;
	this_percpu()->db_stray++;
}

/*
 * DR7 is zero while this runs, so a breakpoint inside cannot bring the CPU back to the top of the
 * same stack (R2.9); it is cleared before DR6 is read, so that no second cause is added to the
 * first (R2.8).  RF makes the IRETQ step over an execute breakpoint (R2.11).
 */
void exc_debug_kernel(struct pt_regs *regs, uint64_t gs)
{
	uint64_t dr7 = read_dr7(), cause;

	write_dr7(0);
	trace_enter_paranoid(regs, TRAP_DB, gs);
	cause = take_dr6();
	check_ist(regs, IST_DB);
	this_percpu()->db_count++;
	end_stray(regs, cause);
	regs->rflags |= X86_RF;
#ifdef CONFIG_DEBUG
	if (trap_probe.debug)
		trap_probe.debug(regs, gs);
#endif
	trace_exit(regs, 0);
	write_dr7(dr7);
}

void exc_double_fault(struct pt_regs *regs, uint64_t gs)
{
	uintptr_t cr2 = read_cr2(), start;
	unsigned cpu, ist;
	bool guard;

	check_ist(regs, IST_DF);
	trace_enter_paranoid(regs, TRAP_DF, gs);
	if (espfix_fixup(regs)) {
		trace_exit(regs, 0);
		return;
	}
	ist = ist_find(cr2, &cpu, &guard);
	if (ist && guard)
		panic_regs(regs, "STACK-1 violated: IST stack %u of CPU %u overflowed at %lx", ist,
			   cpu, cr2);
	if (cr2 - (uintptr_t)boot_stack_guard < PAGE_SIZE)
		panic_regs(regs, "STACK-1 violated: the boot CPU's idle stack overflowed at %lx",
			   cr2);
	if (vmap_is_guard(cr2, &start))
		panic_regs(regs, "STACK-1 violated: kernel stack at %lx overflowed at %lx", start,
			   cr2);
	panic_regs(regs, "double fault, CR2 %lx", cr2);
}

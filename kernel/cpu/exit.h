/* SPDX-License-Identifier: MIT */
/*
 * The end of every system call: exit work, and the choice of the way back, on the registers that
 * will really be loaded (RET-1).  Inline, because it is part of what a system call costs: the usual
 * case is here, all others are in exit.c.
 */
#pragma once

#include "kernel/cpu/segments.h"
#include "kernel/cpu/traps.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/entry_trace.h"
#include "kernel/mm/layout.h"
#include "sched/thread.h"

/*
 * Does what current's work flags ask for until there is none.  Interrupts off at entry and return.
 */
void exit_do_work(struct pt_regs *regs);
/* Debug: EXIT-1 to EXIT-4, EXIT-6. */
#ifdef CONFIG_DEBUG
void exit_check(const struct pt_regs *regs);
#else
static inline void exit_check(const struct pt_regs *regs)
{
}
#endif

/*
 * Interrupts are off when the flags are found empty and stay off until the return instruction, so
 * nothing can be added in between but by an NMI, which adds nothing.
 */
static __always_inline bool exit_work_waits(const struct thread *current)
{
	return READ_ONCE(current->work);
}

static __always_inline void exit_work(struct pt_regs *regs)
{
	if (unlikely(exit_work_waits(current_thread())))
		exit_do_work(regs);
	exit_check(regs);
}

/* The condition that does not hold; one must not. */
enum exit_reason sysret_refusal(const struct pt_regs *regs);
enum exit_reason sysretl_refusal(const struct pt_regs *regs, uint64_t landing_pad);

/*
 * May SYSRETQ be used (spec 6.9)?  Pure.  A user address below TASK_SIZE_MAX is canonical at every
 * paging depth, and the page below 2^47 is never mapped, so the comparison is stricter than SYSRET
 * needs.
 */
static __always_inline bool sysret_allowed(const struct pt_regs *regs)
{
	return !(regs->rflags & (X86_RF | X86_TF)) && regs->r11 == regs->rflags &&
	       regs->rcx == regs->rip && regs->rip < TASK_SIZE_MAX && regs->cs == USER_CS &&
	       regs->ss == USER_DS;
}

static inline enum exit_reason sysret_decision(const struct pt_regs *regs)
{
	return sysret_allowed(regs) ? EXIT_SYSRETQ : sysret_refusal(regs);
}

/*
 * May SYSRETL be used (spec 6.2)?  Pure.  It uses up RCX, and only the landing pad has a copy of
 * it.  The pad lies below 4 GiB, so no canonical check is needed.
 */
static __always_inline bool sysretl_allowed(const struct pt_regs *regs, uint64_t landing_pad)
{
	return regs->rip == landing_pad && regs->cs == USER32_CS && regs->ss == USER_DS &&
	       !(regs->rflags & (X86_RF | X86_TF));
}

static inline enum exit_reason sysretl_decision(const struct pt_regs *regs, uint64_t landing_pad)
{
	return sysretl_allowed(regs, landing_pad) ? EXIT_SYSRETL :
						    sysretl_refusal(regs, landing_pad);
}

/* As /proc/exits and the entry trace call it. */
const char *exit_name(enum exit_reason reason);

/* R6.18.  The last step of every way to user mode but the NMI's (TRACE-2). */
static __always_inline enum exit_reason exit_count(const struct pt_regs *regs,
						   enum exit_reason reason)
{
	this_cpu(exits)[reason]++;
	trace_exit(regs, reason);
	return reason;
}

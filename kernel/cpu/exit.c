/* SPDX-License-Identifier: MIT */
/* The way back to user mode: pending work, then the choice of the instruction. */
#include "kernel/cpu/segments.h"
#include "kernel/cpu/traps.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/lock.h"
#include "kernel/mm/layout.h"
#include "kernel/process/signal.h"
#include "sched/sched.h"

/* Out of line, so that a return without work saves no registers for it. */
static __noinline void do_pending_work(struct pt_regs *regs)
{
	struct thread *t = current_thread();
	uint32_t work;

	while ((work = READ_ONCE(t->work))) {
		irq_enable();
		if (work & WORK_RESCHED)
			schedule();
		if (work & WORK_SIGNAL)
			signal_deliver(regs);
		irq_disable();
	}
}

/*
 * Interrupts are off when the flags are found empty and stay off until the return instruction, so nothing
 * can be added in between but by an NMI, which adds nothing.
 */
static __always_inline void do_work(struct pt_regs *regs)
{
	struct thread *t = current_thread();

	if (unlikely(READ_ONCE(t->work)))
		do_pending_work(regs);
#ifdef CONFIG_DEBUG
	ASSERT(!lock_any_held(), "EXIT-1");
	ASSERT(regs == thread_regs(t), "EXIT-2");
	ASSERT(user_mode(regs), "EXIT-3");
	ASSERT(t->state == THREAD_RUNNABLE, "EXIT-4");
#endif
}

void exit_to_user(struct pt_regs *regs)
{
	do_work(regs);
	this_cpu(exits)[EXIT_IRET_NOT_SYSCALL]++;
}

/*
 * Spec 6.9.  A user address below TASK_SIZE_MAX is canonical at every paging depth, and the page below 2^47
 * is never mapped, so the comparison is stricter than SYSRET needs.
 */
enum exit_reason sysret_decision(const struct pt_regs *regs)
{
	if (unlikely(regs->rcx != regs->rip))
		return EXIT_IRET_RCX;
	if (unlikely(regs->r11 != regs->rflags))
		return EXIT_IRET_R11;
	if (unlikely(regs->rip >= TASK_SIZE_MAX))
		return EXIT_IRET_NONCANONICAL;
	if (unlikely(regs->cs != USER_CS || regs->ss != USER_DS))
		return EXIT_IRET_SELECTOR;
	if (unlikely(regs->rflags & (X86_RF | X86_TF)))
		return EXIT_IRET_FLAGS;
	return EXIT_SYSRETQ;
}

enum exit_reason syscall_exit_to_user(struct pt_regs *regs)
{
	enum exit_reason reason;

	do_work(regs);
	reason = sysret_decision(regs);
	this_cpu(exits)[reason]++;
	return reason;
}

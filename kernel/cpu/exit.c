/* SPDX-License-Identifier: MIT */
/* The way back to user mode: pending work, then the choice of the instruction. */
#include <asm/errno.h>
#include "kernel/cpu/segments.h"
#include "kernel/cpu/traps.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/lock.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/signal.h"
#include "kernel/process/syscall.h"
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

/*
 * Spec 6.2.  SYSRETL uses up RCX, and only the landing pad has a copy of it.  The pad lies below 4 GiB, so
 * no canonical check is needed.
 */
enum exit_reason sysretl_decision(const struct pt_regs *regs, uint64_t landing_pad)
{
	if (regs->rip != landing_pad)
		return EXIT_IRET32_PAD;
	if (regs->cs != USER32_CS || regs->ss != USER_DS)
		return EXIT_IRET32_SELECTOR;
	if (regs->rflags & (X86_RF | X86_TF))
		return EXIT_IRET32_FLAGS;
	return EXIT_SYSRETL;
}

/*
 * The pad does not tell where the user really was, and need not: who executes the bare instruction goes on there, as
 * on Linux.  A 64-bit program has no pad and goes on at 0, where nothing can be mapped (R6.10, R6.28).
 *
 * An argument that cannot be read ends the call before it begins, with no tracer's stop and no restart: -EFAULT
 * (R6.9).  The pad's own POPs then find out what is wrong with the stack.
 */
enum exit_reason syscall_fast_32(struct pt_regs *regs)
{
	const struct mm *mm = current_thread()->mm;
	enum exit_reason reason = EXIT_IRET32_FAULT;
	uint32_t arg6;

	regs->rip = mm->landing_pad;
	regs->rsp = (uint32_t)regs->rsp;
	if (likely(!get_user_u32(&arg6, (const void __user *)regs->rsp))) {
		regs->rbp = arg6;
		syscall_32(regs);
		reason = EXIT_SYSRETL;
	} else {
		regs->rax = -EFAULT;
	}
	irq_disable();
	do_work(regs);
	/* exec has installed another mm, mremap may have moved the pad. */
	if (reason == EXIT_SYSRETL)
		reason = sysretl_decision(regs, current_thread()->mm->landing_pad);
	this_cpu(exits)[reason]++;
	return reason;
}

/* SPDX-License-Identifier: MIT */
/*
 * System calls, from the handler's return to the choice of the way out (RET-1: when the exit work
 * is done, interrupts are off, and nothing changes the frame any more).
 */
#include <asm/errno.h>
#include "kernel/cpu/exit.h"
#include "kernel/mm/mm.h"
#include "kernel/process/syscall.h"

SYSCALL0(ni_syscall)
{
	return -ENOSYS;
}

static __noinline enum exit_reason end_64_slowly(struct pt_regs *regs)
{
	exit_work(regs);
	return exit_count(regs, sysret_decision(regs));
}

static __noinline enum exit_reason end_fast_32_slowly(struct pt_regs *regs)
{
	exit_work(regs);
	/* Read now: exec has installed another mm, mremap may have moved the pad. */
	return exit_count(regs, sysretl_decision(regs, current_thread()->mm->landing_pad));
}

/* The usual call leaves no work and the frame as it was: no need for a register of our own. */
enum exit_reason syscall_64_end(struct pt_regs *regs)
{
	irq_disable();
	exit_check(regs);
	if (likely(!exit_work_waits(current_thread()) && sysret_allowed(regs)))
		return exit_count(regs, EXIT_SYSRETQ);
	return end_64_slowly(regs);
}

void syscall_32_end(struct pt_regs *regs)
{
	current_thread()->syscall_compat = false;
	irq_disable();
	exit_work(regs);
	exit_count(regs, EXIT_IRET_NOT_SYSCALL);
}

enum exit_reason syscall_fast_32_end(struct pt_regs *regs)
{
	struct thread *t = current_thread();

	t->syscall_compat = false;
	irq_disable();
	exit_check(regs);
	if (likely(!exit_work_waits(t) && sysretl_allowed(regs, t->mm->landing_pad)))
		return exit_count(regs, EXIT_SYSRETL);
	return end_fast_32_slowly(regs);
}

/*
 * The end of the call before it begins, with no tracer's stop and no restart (R6.9).  The pad's own
 * POPs then find out what is wrong with the stack.
 */
void syscall_fast_32_fault(struct pt_regs *regs)
{
	trace_enter(regs, TRACE_SYSCALL_FAST_32, regs->orig_rax);
	regs->rax = -EFAULT;
	irq_disable();
	exit_work(regs);
	exit_count(regs, EXIT_IRET32_FAULT);
}

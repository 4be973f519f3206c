/* SPDX-License-Identifier: MIT */
/*
 * System calls, from the complete frame to the choice of the way out (RET-1: from irq_disable on
 * nothing changes the frame).
 *
 * The number is compared with the table's size and then masked once more without a branch: a
 * CPU that speculates past the comparison indexes with 0 instead of what the user chose (spec
 * 2.12, Spectre v1).
 */
#include <asm/errno.h>
#include "kernel/cpu/exit.h"
#include "kernel/cpu/idt.h"
#include "kernel/mm/mm.h"
#include "kernel/process/syscall.h"

/* nr if it is below size, else 0: SBB turns the carry of the comparison into a mask. */
static __always_inline uint64_t index_nospec(uint64_t nr, uint64_t size)
{
	uint64_t mask;

	__asm__("cmp %2, %1; sbb %0, %0" : "=r"(mask) : "r"(nr), "r"(size) : "cc");
	return nr & mask;
}

/* The number is the low half of RAX (R6.13); the x32 bit makes it too large for the table. */
static __always_inline void dispatch_64(struct pt_regs *regs)
{
	uint64_t nr = (uint32_t)regs->orig_rax;
	syscall_fn *fn;

	current_thread()->syscall_compat = false;
	if (unlikely(nr >= syscall_table_64_size))
		return;		/* entry has left -ENOSYS in RAX */
	fn = syscall_table_64[index_nospec(nr, syscall_table_64_size)];
	if (likely(fn))
		regs->rax = fn(regs->rdi, regs->rsi, regs->rdx, regs->r10, regs->r8, regs->r9);
}

/*
 * The i386 table, for 32- and 64-bit code: truncated here, after everything that may still
 * change the frame (CVE-2007-4573, CVE-2010-3301).
 */
static __always_inline void dispatch_32(struct pt_regs *regs)
{
	uint64_t nr = (uint32_t)regs->orig_rax;
	syscall_fn *fn;

	regs->orig_rax = nr;
	current_thread()->syscall_compat = true;
	if (unlikely(nr >= syscall_table_32_size))
		return;
	fn = syscall_table_32[index_nospec(nr, syscall_table_32_size)];
	if (likely(fn))
		regs->rax = fn((uint32_t)regs->rbx, (uint32_t)regs->rcx, (uint32_t)regs->rdx,
			       (uint32_t)regs->rsi, (uint32_t)regs->rdi, (uint32_t)regs->rbp);
}

enum exit_reason syscall_64(struct pt_regs *regs)
{
	trace_enter(regs, TRACE_SYSCALL_64, regs->orig_rax);
	dispatch_64(regs);
	irq_disable();
	exit_work(regs);
	return exit_count(regs, sysret_decision(regs));
}

void syscall_32(struct pt_regs *regs)
{
	trace_enter(regs, VECTOR_SYSCALL, regs->orig_rax);
	dispatch_32(regs);
	irq_disable();
	exit_work(regs);
	exit_count(regs, EXIT_IRET_NOT_SYSCALL);
}

/*
 * The pad does not tell where the user really was, and need not: who executes the bare instruction
 * goes on there, as on Linux.  A 64-bit program has no pad and goes on at 0, where nothing can be
 * mapped (R6.10, R6.28).
 */
enum exit_reason syscall_fast_32(struct pt_regs *regs)
{
	trace_enter(regs, TRACE_SYSCALL_FAST_32, regs->orig_rax);
	regs->rip = current_thread()->mm->landing_pad;
	dispatch_32(regs);
	irq_disable();
	exit_work(regs);
	/* Read again: exec has installed another mm, mremap may have moved the pad. */
	return exit_count(regs, sysretl_decision(regs, current_thread()->mm->landing_pad));
}

/*
 * The end of the call before it begins, with no tracer's stop and no restart (R6.9).  The pad's own
 * POPs then find out what is wrong with the stack.
 */
void syscall_fast_32_fault(struct pt_regs *regs)
{
	trace_enter(regs, TRACE_SYSCALL_FAST_32, regs->orig_rax);
	regs->rip = current_thread()->mm->landing_pad;
	regs->rax = -EFAULT;
	irq_disable();
	exit_work(regs);
	exit_count(regs, EXIT_IRET32_FAULT);
}

/* SPDX-License-Identifier: MIT */
/*
 * System-call dispatch.
 *
 * The number is compared with the table's size and then masked once more without a branch: a
 * CPU that speculates past the comparison indexes with 0 instead of what the user chose (spec
 * 2.12, Spectre v1).
 */
#include <asm/errno.h>
#include "kernel/cpu/ptregs.h"
#include "kernel/process/syscall.h"
#include "sched/thread.h"

/* nr if it is below size, else 0: SBB turns the carry of the comparison into a mask. */
static __always_inline uint64_t index_nospec(uint64_t nr, uint64_t size)
{
	uint64_t mask;

	__asm__("cmp %2, %1; sbb %0, %0" : "=r"(mask) : "r"(nr), "r"(size) : "cc");
	return nr & mask;
}

/* The number is the low half of RAX (R6.13); the x32 bit makes it too large for the table. */
void syscall_64(struct pt_regs *regs)
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
 * INT 0x80, from 32- and 64-bit code: truncated here, after everything that may still
 * change the frame (CVE-2007-4573, CVE-2010-3301).
 */
void syscall_32(struct pt_regs *regs)
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

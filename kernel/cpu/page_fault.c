/* SPDX-License-Identifier: MIT */
/*
 * #PF.  Who faulted is decided by CS of the frame, never by the error code's U bit: TCG reports
 * U = 0 for some user faults (spec 10.6).
 */
#include <asm/signal.h>
#include <asm/siginfo.h>
#include "kernel/cpu/features.h"
#include "kernel/cpu/traps.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/entry_trace.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/lock.h"
#include "kernel/mm/extable.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/process.h"
#include "kernel/process/signal.h"

#define TRAP_PF 14

/* Error code bits (SDM vol. 3, 4.7). */
#define PF_PRESENT 1u
#define PF_WRITE   2u
#define PF_USER    4u
#define PF_RSVD    8u
#define PF_FETCH   16u

static unsigned access_of(uint64_t error)
{
	return (error & PF_WRITE ? ACCESS_WRITE : 0) | (error & PF_FETCH ? ACCESS_EXEC : 0);
}

/*
 * TCG reads and writes the stack of a ring-3 far return, far call or IRET with supervisor rights,
 * so that with SMAP they always fault, on pages that are there (spec 10.6).  No mapping can satisfy
 * such an access: it has to end in a signal, or the program would fault on the same instruction for
 * ever.  Silicon never gives ring 3 this error code for a user address.
 */
static bool refused_by_emulated_smap(uint64_t error)
{
	return cpu_has(FEATURE_SMAP) && (error & (PF_PRESENT | PF_USER)) == PF_PRESENT;
}

static void fault_from_user(uintptr_t addr, uint64_t error)
{
	struct mm *mm = current_thread()->mm;
	struct fault_result r = { SIGSEGV, SEGV_MAPERR };

	irq_enable();
	if (refused_by_emulated_smap(error))
		r.code = SEGV_ACCERR;
	else if (addr < TASK_SIZE_MAX)
		r = mm_fault(mm, addr, access_of(error));
	if (r.signo == 0)
		return;
	/* All kernel addresses look unmapped: nothing about the kernel is told. */
	signal_fault(r.signo, r.code, addr, TRAP_PF,
		     addr < TASK_SIZE_MAX ? error | PF_USER : PF_USER | PF_PRESENT);
}

/*
 * A user copy that has to wait for its page: only instructions that the exception table names may
 * touch user addresses, and they run with interrupts on and no spinlock held.  The fix-up is for
 * the user's addresses alone: the kernel's side of a copy has none.
 */
static bool fault_from_usercopy(struct pt_regs *regs, uintptr_t addr, uint64_t error)
{
	struct fault_result r;
	struct mm *mm;

	/* First, for early in the boot there is no current thread. */
	if (addr >= TASK_SIZE_MAX || !extable_find(regs->rip))
		return false;
	trace_enter(regs, TRAP_PF, addr);
	mm = current_thread()->mm;
	if (!mm || !(regs->rflags & X86_IF) || lock_any_held())
		return fixup_exception(regs);
	irq_enable();
	r = mm_fault(mm, addr, access_of(error));
	irq_disable();
	return r.signo == 0 || fixup_exception(regs);
}

static const char *diagnosis(uintptr_t addr, uint64_t error)
{
	if (addr < PAGE_SIZE)
		return "MEM-1 violated: null pointer";
	if (addr < TASK_SIZE_MAX)
		return error & PF_FETCH ?
			       "SMEP-1 violated: kernel executes user memory" :
			       "SMAP-1 violated: kernel touches user memory outside a user copy";
	if (error & PF_PRESENT)
		return "W-X-1 violated: kernel access against the page's permissions";
	return "MEM-2 violated: kernel access to an unmapped address";
}

void exc_page_fault(struct pt_regs *regs, uint64_t error)
{
	uintptr_t addr = read_cr2();	/* before anything that could fault again */

	if (error & PF_RSVD)
		panic_regs(regs, "PT-1 violated: reserved bit in a page table entry for %lx", addr);
	if (user_mode(regs)) {
		trace_enter(regs, TRAP_PF, addr);
		fault_from_user(addr, error);
		return;
	}
	if (fault_from_usercopy(regs, addr, error)) {
		trace_exit(regs, 0);
		return;
	}
	panic_regs(regs, "%s: %lx, error code %llx", diagnosis(addr, error), addr,
		   (unsigned long long)error);
}

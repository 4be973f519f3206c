/* SPDX-License-Identifier: MIT */
/*
 * Plain exceptions.  From user mode each becomes a signal with the numbers that Linux gives it;
 * from kernel mode it is either expected (the exception table names the instruction) or a bug.
 */
#include <asm/signal.h>
#include <asm/siginfo.h>
#include "kernel/cpu/traps.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/entry_trace.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/string.h"
#include "kernel/mm/extable.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/signal.h"
#include "sched/sched.h"

/* Vector numbers, as siginfo and sigcontext report them (SDM vol. 3, table 6-1). */
enum {
	TRAP_DE = 0, TRAP_BP = 3, TRAP_OF = 4, TRAP_BR = 5, TRAP_UD = 6, TRAP_NM = 7,
	TRAP_TS = 10, TRAP_NP = 11, TRAP_SS = 12, TRAP_GP = 13, TRAP_MF = 16, TRAP_AC = 17,
	TRAP_XM = 19,
};

static void common(struct pt_regs *regs, uint64_t error, int trapno, const char *name, int signo,
		   int code, uint64_t addr)
{
	/* Else it is a panic, and what is broken may be the GS base that the trace uses. */
	if (user_mode(regs) || extable_find(regs->rip))
		trace_enter(regs, trapno, error);
	if (!user_mode(regs)) {
		if (!fixup_exception(regs))
			panic_regs(regs, "%s in the kernel, error code %llx", name,
				   (unsigned long long)error);
		trace_exit(regs, 0);
		return;
	}
	irq_enable();
	signal_fault(signo, code, addr, trapno, error);
}

#define EXCEPTION(function, trapno, name, signo, code, addr)                               \
	void function(struct pt_regs *regs, uint64_t error)                                \
	{                                                                                  \
		common(regs, error, trapno, name, signo, code, addr);                      \
	}

EXCEPTION(exc_divide_error, TRAP_DE, "#DE divide error", SIGFPE, FPE_INTDIV, regs->rip)
EXCEPTION(exc_breakpoint, TRAP_BP, "#BP breakpoint", SIGTRAP, SI_KERNEL, 0)
EXCEPTION(exc_overflow, TRAP_OF, "#OF overflow", SIGSEGV, SI_KERNEL, 0)
EXCEPTION(exc_bound_range, TRAP_BR, "#BR bound range", SIGSEGV, SI_KERNEL, 0)
EXCEPTION(exc_invalid_opcode, TRAP_UD, "#UD invalid opcode", SIGILL, ILL_ILLOPN, regs->rip)
EXCEPTION(exc_invalid_tss, TRAP_TS, "#TS invalid TSS", SIGSEGV, SI_KERNEL, 0)
EXCEPTION(exc_segment_not_present, TRAP_NP, "#NP segment not present", SIGBUS, SI_KERNEL, 0)
EXCEPTION(exc_stack_segment, TRAP_SS, "#SS stack segment", SIGBUS, SI_KERNEL, 0)
EXCEPTION(exc_general_protection, TRAP_GP, "#GP general protection", SIGSEGV, SI_KERNEL, 0)
EXCEPTION(exc_alignment_check, TRAP_AC, "#AC alignment check", SIGBUS, BUS_ADRALN, 0)

/* CR0.TS is never set: the extended state is switched eagerly. */
void exc_device_not_available(struct pt_regs *regs, uint64_t error)
{
	trace_enter(regs, TRAP_NM, error);
	panic_regs(regs, "FPU-1 violated: #NM with CR0 = %llx", (unsigned long long)read_cr0());
}

/* kernel/debug/gdb/trace.py reads it, too. */
static const char *const exception_names[] = {
	"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", NULL, "#TS",
	"#NP", "#SS", "#GP", "#PF", NULL, "#MF", "#AC", "#MC", "#XM", "#VE", "#CP",
	[28] = "#HV", "#VC", "#SX",
};

const char *exception_name(unsigned vector)
{
	return vector < ARRAY_SIZE(exception_names) ? exception_names[vector] : NULL;
}

/* The stub has put the vector above the 32 bits of the error code (entry/exceptions.asm). */
void exc_reserved(struct pt_regs *regs, uint64_t error)
{
	unsigned vector = error >> 32;
	const char *name = exception_name(vector);

	if (user_mode(regs))
		trace_enter(regs, vector, (uint32_t)error);
	panic_regs(regs, "unexpected exception: vector %u (%s), error code %x", vector,
		   name ? name : "reserved", (uint32_t)error);
}

/*
 * The bit that is raised and not masked says what happened; several at once: in order of severity.
 */
static int fpe_code(unsigned raised)
{
	if (raised & 0x01)
		return FPE_FLTINV;
	if (raised & 0x04)
		return FPE_FLTDIV;
	if (raised & 0x08)
		return FPE_FLTOVF;
	if (raised & 0x12)
		return FPE_FLTUND;
	if (raised & 0x20)
		return FPE_FLTRES;
	return 0;
}

/* x87: status word bits 0-5 against the control word's masks (SDM vol. 1, 8.1). */
void exc_x87_error(struct pt_regs *regs, uint64_t error)
{
	uint16_t status, control;

	__asm__ volatile("fnstsw %0; fnstcw %1" : "=m"(status), "=m"(control));
	common(regs, error, TRAP_MF, "#MF x87 error", SIGFPE, fpe_code(status & ~control & 0x3f),
	       regs->rip);
}

/* SSE: flags in MXCSR bits 0-5, masks in bits 7-12 (SDM vol. 1, 10.2.3). */
void exc_simd_error(struct pt_regs *regs, uint64_t error)
{
	uint32_t mxcsr;

	__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
	common(regs, error, TRAP_XM, "#XM SIMD error", SIGFPE,
	       fpe_code(mxcsr & ~(mxcsr >> 7) & 0x3f), regs->rip);
}

/*
 * The general registers of fault are the user's, popped before the IRETQ; the five words are still
 * where IRETQ read them, at the top of the thread's stack.  The result may overlap fault, so it is
 * composed aside.
 */
struct pt_regs *fixup_bad_iret(struct pt_regs *fault)
{
	struct pt_regs *frame = thread_regs(current_thread());
	struct pt_regs composed = *fault;

	memcpy(&composed.rip, (const void *)fault->rsp, 5 * sizeof(uint64_t));
	/* IRETQ of this kernel only ever returns to user mode at that address. */
	ASSERT(user_mode(&composed), "RET-2");
	*frame = composed;
	return frame;
}

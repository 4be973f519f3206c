/* SPDX-License-Identifier: MIT */
/* The C functions behind the doors: entry/ calls them, nobody else does. */
#pragma once

#include "kernel/cpu/percpu.h"
#include "kernel/cpu/ptregs.h"

/* Plain exceptions: kernel GS, interrupts off; on the thread's or the interrupted stack. */
typedef void exception_handler(struct pt_regs *regs, uint64_t error_code);
exception_handler exc_divide_error, exc_breakpoint, exc_overflow, exc_bound_range,
	exc_invalid_opcode, exc_device_not_available, exc_invalid_tss, exc_segment_not_present,
	exc_stack_segment, exc_general_protection, exc_page_fault, exc_x87_error,
	exc_alignment_check, exc_simd_error, exc_reserved;

/* As the manuals write it, "#GP"; NULL if the vector is none of an exception's, or reserved. */
const char *exception_name(unsigned vector);

/*
 * The _user halves run on the thread's stack, the others on their IST stack, where nothing may
 * sleep or lock.  gs, from kernel mode: what paranoid_entry found, for the sweep and the trace.
 */
void exc_debug_user(struct pt_regs *regs);
void exc_debug_kernel(struct pt_regs *regs, uint64_t gs);
void exc_machine_check_user(struct pt_regs *regs);
void exc_machine_check_kernel(struct pt_regs *regs, uint64_t gs);
/* Returns from espfix (entry/espfix.asm) only. */
void exc_double_fault(struct pt_regs *regs, uint64_t gs);
void nmi_handler(struct pt_regs *regs, uint64_t gs);

/*
 * Is the frame at the top of the NMI stack the only copy of who was interrupted, as long as RIP is
 * there (NMI-1)?
 */
bool nmi_frame_is_only_copy(uintptr_t rip);

/*
 * Debug builds: kernel tests act inside the handlers, where no interface leads.  NULL: nobody does.
 * debug: #DB from kernel mode, DR6 and DR7 already cleared; nmi: every run of the NMI handler;
 * fault: instead of a signal, for a user thread that belongs to no process; int18: #MC comes from
 * INT 18, and there is nothing to read in the banks.
 */
struct trap_probe {
	void (*debug)(struct pt_regs *regs, uint64_t gs);
	void (*nmi)(struct pt_regs *regs);
	void (*fault)(struct pt_regs *regs, int signo);
	bool int18;
};
extern struct trap_probe trap_probe;

/*
 * IRETQ to user mode faulted: fault describes the kernel at iret_to_user, with fault->rsp at the
 * five words that it could not load.  Builds, at the top of the thread's stack, the frame that the
 * fault would have had if it had come from user mode.
 */
struct pt_regs *fixup_bad_iret(struct pt_regs *fault);

/*
 * The last C code before user mode for whatever is no system call (kernel/process/syscall.c has
 * those), interrupts off on entry and return: does the work that current's flags ask for until
 * there is none.
 */
void exit_to_user(struct pt_regs *regs);

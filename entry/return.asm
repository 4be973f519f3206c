; SPDX-License-Identifier: MIT
;
; The last instructions before user mode
;
; Everything that returns to ring 3 by IRETQ comes through return_to_user_iret, on the thread's own
; stack, with interrupts off, after the exit work is done (NMI: without any).  From SWAPGS on, CS
; says kernel while GS is the user's: the mirror image of the doors.  Two things can
; happen there, and nothing else, for interrupts are off and the stack is mapped:
;
;   * NMI, #DB, #MC: IST and tristate, as in every gap.
;   * IRETQ faults because the frame is bad (after sigreturn): exception_common knows iret_to_user
;     by its address (RET-2).

%include "entry/frame.inc"

extern return_to_user_espfix, exit_to_user, sched_first_run

section .entry.text progbits alloc exec nowrite align=64

; needs     RSP = struct pt_regs * at the top of the thread's stack, interrupts off, kernel GS
global return_to_user_iret
return_to_user_iret:
	CFI_REGS
	test	byte [rsp + REGS_ss], SELECTOR_TI
	jnz	return_to_user_espfix		; ESP might not survive the IRETQ below
	POP_REGS
	add	rsp, 8				; orig_rax
	CFI_GROW -1
	swapgs
global iret_to_user
iret_to_user:
	iretq					; RET-2: may fault; see exception_common.bad_iret

; A new thread's first instructions: switch_to() returns here (sched/thread.c prepares the stack).
;
; needs     RAX = thread that ran before; RBX = kernel thread's function or 0, R12 = its argument
;           RSP: user thread: struct pt_regs *; the run queue's lock is held, interrupts off
global entry_first_run
entry_first_run:
	CFI_REGS
	mov	rdi, rax
	call	sched_first_run			; drops the lock; interrupts on
.interrupts_on:
	test	rbx, rbx
	jnz	.kernel_thread
	cli
.interrupts_off:
	mov	rdi, rsp
	call	exit_to_user
	jmp	return_to_user_iret
.kernel_thread:
	mov	rdi, r12
	call	rbx
	ud2					; a kernel thread's function does not return
	CFI_END

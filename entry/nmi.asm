; SPDX-License-Identifier: MIT
;
; NMI: the door that cannot be locked
;
; Who arrives here.  Anybody at any instruction, as with #DB, but interrupts-off is no protection.  The CPU blocks
; further NMIs until the next IRET, whoever executes it (SDM vol. 3, 6.7.1).
;
; From user mode: GS is the user's for certain, so SWAPGS, hop to the thread's stack, run the handler with interrupts
; off, and leave by return_to_user_iret *without* exit work: interrupts on while NMIs are blocked is a bad state, and a signal
; or a reschedule can wait for the next plain exit.  The IRETQ may fault there as any other (RET-2), which is
; one reason not to stay on the NMI stack.
;
; From kernel mode: the tristate of paranoid.asm, on the NMI's own IST stack.
;
; NMI-1: the handler takes no exception - no user copy, no breakpoint, no demand-mapped page - so its IRETQ
; is the first one, NMIs stay blocked until then, and the IST stack is never entered twice.  A machine check may still
; interrupt it: #MC has a stack of its own, but its IRETQ would unblock NMIs early.  A handler that
; may take exceptions needs the nesting protocol of spec 2.11.

%include "entry/frame.inc"

bits 64
default rel

extern nmi_handler
extern paranoid_entry
extern paranoid_exit
extern hop_to_thread_stack
extern return_to_user_iret

section .entry.text progbits alloc exec nowrite align=64

; needs     NMI stack, NMIs blocked
; gives     the interrupted instruction goes on, all registers and GS as they were
global entry_NMI
entry_NMI:
	push	-1				; orig_rax: no system call, nothing to restart
	PUSH_REGS
	ZERO_REGS
	cld
	ONLY_IF FEATURE_SMAP, clac
	test	byte [rsp + REGS_cs], 3
	jnz	.from_user

	call	paranoid_entry
	mov	rdi, rsp
	call	nmi_handler
	jmp	paranoid_exit
.from_user:
	swapgs
	ONLY_IF FEATURE_FENCE_SWAPGS, lfence
	call	hop_to_thread_stack
	call	nmi_handler
	jmp	return_to_user_iret

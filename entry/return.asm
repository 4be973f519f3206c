; SPDX-License-Identifier: MIT
;
; The last instructions before user mode, and the one place that loads GS
;
; Everything that returns to ring 3 by IRETQ comes through return_to_user_iret, on the thread's own
; stack, with interrupts off, after the exit work is done (NMI: without any).  From SWAPGS on, CS
; says kernel while GS is the user's: the mirror image of the doors.  Two things can happen there:
;
;   * NMI, #DB, #MC: IST and tristate, as in every gap.
;   * IRETQ faults because the frame is bad (after sigreturn): exception_common knows iret_to_user
;     by its address (RET-2).
;
; Nothing else, for interrupts are off and the stack is mapped.

%include "entry/frame.inc"
%include "entry/extable.inc"

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

; void load_user_segments(const struct thread_segments *seg): ES, DS, FS and GS on behalf of user
; mode.
;
; Each load can fault, because the descriptor may have been removed from the LDT or the TLS slots.
; It then lands beside it, where the register gets the null selector, which always loads.
;
; needs     RDI = segments, interrupts off, kernel GS
; gives     the four registers and their hidden parts from the descriptors; 0 where there is none
; clobbers  EAX, RDI
global load_user_segments
load_user_segments:
	CFI_FUNCTION
.load_es:
	mov	es, [rdi + SEGMENTS_es]
.load_ds:
	mov	ds, [rdi + SEGMENTS_ds]
.load_fs:
	mov	fs, [rdi + SEGMENTS_fs]
.all_but_gs:
	movzx	edi, word [rdi + SEGMENTS_gs]
	jmp	load_gs_index
.bad_es:
	xor	eax, eax
	mov	es, eax
	jmp	.load_ds
.bad_ds:
	xor	eax, eax
	mov	ds, eax
	jmp	.load_fs
.bad_fs:
	xor	eax, eax
	mov	fs, eax
	jmp	.all_but_gs
EXTABLE .load_es, .bad_es
EXTABLE .load_ds, .bad_ds
EXTABLE .load_fs, .bad_fs

; void load_gs_index(uint16_t selector): MOV to GS on behalf of user mode.
;
; Loading a selector changes the active base, and the active base is the kernel's: so the user's is
; made active around the load.  The load can fault - the descriptor may have been removed - and then
; lands at .bad.
;
; needs     DI = selector, interrupts off, kernel GS
; gives     GS and the user's base loaded from the descriptor; both 0 if it is gone
; clobbers  EAX, RDI
global load_gs_index
load_gs_index:
	swapgs
global gs_load_site
gs_load_site:
	mov	gs, edi
.loaded:
	swapgs
.kernel_gs:
	ret
.bad:
	swapgs					; exception_common had swapped to kernel GS
.user_gs_again:
	xor	eax, eax
	mov	gs, eax				; the null selector always loads
	jmp	.loaded
	CFI_END
EXTABLE gs_load_site, .bad

; SPDX-License-Identifier: MIT
;
; switch_to: where one thread stops and another goes on
;
; To C this is a function call, so only the registers that a call preserves have to be kept; they
; lie on the stack of the thread that is not running, and its kernel_sp remembers where:
;
;	  prev's stack                    next's stack
;	| ...             |             | ...             |
;	| return address  | schedule()  | return address  | schedule(), or entry_first_run
;	| rbp             |             | rbp             |
;	| rbx             |             | rbx             |
;	| r12 r13 r14 r15 | <- saved    | r12 r13 r14 r15 | <- loaded
;
; User registers are not here: they are in the frame that the door built, further up.

%include "offsets.inc"
%include "entry/cfi.inc"

bits 64
default rel

section .entry.text progbits alloc exec nowrite align=64

; struct thread *switch_to(struct thread *prev, struct thread *next)
;
; needs     interrupts off, this CPU's run-queue lock held
; gives     (in next) RAX = prev, lock still held
; clobbers  what any call does
global switch_to
switch_to:
	CFI_FUNCTION
	push	rbp
	push	rbx
	push	r12
	push	r13
	push	r14
	push	r15
	mov	[rdi + THREAD_kernel_sp], rsp
	mov	rsp, [rsi + THREAD_kernel_sp]
	mov	rax, rdi
	pop	r15
	pop	r14
	pop	r13
	pop	r12
	pop	rbx
	pop	rbp
	ret
	CFI_END

; SPDX-License-Identifier: MIT
;
; The entry trace at the doors that make the system call themselves: the arguments are in their
; registers by then, so what is C's to clobber is saved around it.  Debug builds only.
%include "offsets.inc"
%include "entry/cfi.inc"

%ifdef CONFIG_DEBUG
extern trace_enter_current

section .text

; needs     R10D = door, the thread's frame complete, kernel GS
; gives     all other registers unchanged
; clobbers  R10, R11, flags
global trace_system_call
trace_system_call:
	CFI_FUNCTION
	push	rax
	push	rdi
	push	rsi
	push	rdx
	push	rcx
	push	r8
	push	r9
	mov	edi, r10d
	call	trace_enter_current
	pop	r9
	pop	r8
	pop	rcx
	pop	rdx
	pop	rsi
	pop	rdi
	pop	rax
	ret
	CFI_END
%endif

; SPDX-License-Identifier: MIT
;
; A call on another stack, 64 bit.

bits 64

global call_on_stack

section .text

; long call_on_stack(void *top, void *fn, long a, long b, long c): top 16-byte aligned
call_on_stack:
	push	rbp
	mov	rbp, rsp
	mov	rax, rsi
	mov	rsp, rdi
	mov	rdi, rdx
	mov	rsi, rcx
	mov	rdx, r8
	call	rax
	mov	rsp, rbp
	pop	rbp
	ret

section .note.GNU-stack noalloc noexec nowrite progbits

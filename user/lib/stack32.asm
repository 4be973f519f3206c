; SPDX-License-Identifier: MIT
;
; A call on another stack, 32 bit.

bits 32

global call_on_stack

section .text

; long call_on_stack(void *top, void *fn, long a, long b, long c): top 16-byte aligned
call_on_stack:
	push	ebp
	mov	ebp, esp
	mov	eax, [ebp + 12]
	mov	esp, [ebp + 8]
	sub	esp, 4
	push	dword [ebp + 24]
	push	dword [ebp + 20]
	push	dword [ebp + 16]
	call	eax
	mov	esp, ebp
	pop	ebp
	ret

section .note.GNU-stack noalloc noexec nowrite progbits

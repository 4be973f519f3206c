; SPDX-License-Identifier: MIT
;
; Program entry and raw system calls, 64 bit.
;
; Entry: RSP points to argc.  Before anything else happens the registers are written to
; start_registers (user/lib/start.h): what exec leaves in them is tested by looking there.

bits 64
default rel

extern program_start
global _start, raw_syscall, raw_spawn, start_registers

section .bss
alignb 16
start_registers:
	resq 18			; rax rbx rcx rdx rsi rdi rbp rsp r8..r15 rflags, padding
	resw 8			; cs ds es fs gs ss, padding
	resb 512		; FXSAVE image

section .text

; needs: a fresh stack.  clobbers: everything, never returns.
_start:
	mov	[start_registers], rax
	mov	[start_registers + 1 * 8], rbx
	mov	[start_registers + 2 * 8], rcx
	mov	[start_registers + 3 * 8], rdx
	mov	[start_registers + 4 * 8], rsi
	mov	[start_registers + 5 * 8], rdi
	mov	[start_registers + 6 * 8], rbp
	mov	[start_registers + 7 * 8], rsp
	mov	[start_registers + 8 * 8], r8
	mov	[start_registers + 9 * 8], r9
	mov	[start_registers + 10 * 8], r10
	mov	[start_registers + 11 * 8], r11
	mov	[start_registers + 12 * 8], r12
	mov	[start_registers + 13 * 8], r13
	mov	[start_registers + 14 * 8], r14
	mov	[start_registers + 15 * 8], r15
	pushfq
	pop	qword [start_registers + 16 * 8]
	mov	word [start_registers + 144], cs
	mov	word [start_registers + 146], ds
	mov	word [start_registers + 148], es
	mov	word [start_registers + 150], fs
	mov	word [start_registers + 152], gs
	mov	word [start_registers + 154], ss
	fxsave64 [start_registers + 160]
	mov	rdi, rsp
	xor	ebp, ebp
	and	rsp, -16
	call	program_start
	ud2

; gives: the kernel's RAX.  clobbers: as the C calling convention allows.
raw_syscall:			; rdi nr, rsi a, rdx b, rcx c, r8 d, r9 e, [rsp + 8] f
	mov	rax, rdi
	mov	rdi, rsi
	mov	rsi, rdx
	mov	rdx, rcx
	mov	r10, r8
	mov	r8, r9
	mov	r9, [rsp + 8]
	syscall
	ret

; needs: the new stack starts with {function, argument}, 16-byte aligned.
raw_spawn:			; rdi nr, rsi a, rdx b, rcx c, r8 d, r9 e
	mov	rax, rdi
	mov	rdi, rsi
	mov	rsi, rdx
	mov	rdx, rcx
	mov	r10, r8
	mov	r8, r9
	syscall
	test	rax, rax
	jz	.child
	ret
.child:
	xor	ebp, ebp
	pop	rax
	pop	rdi
	call	rax
	xor	edi, edi
	mov	eax, 60		; exit: this thread only
	syscall
	ud2

section .note.GNU-stack noalloc noexec nowrite progbits

; SPDX-License-Identifier: MIT
;
; One system-call instruction with all registers loaded before and stored after it, 64 bit.

bits 64
default rel

global regs_syscall, regs_int80
global regs_ud2, regs_int3, regs_hlt, regs_divide, regs_load, regs_nop

%define R(n) n * 8
RAX_ equ 0
RSP_ equ 7
FLAGS_ equ 16
RIP_ equ 17

section .text

; The stack at the instruction: [rsp] = out.  The red zone is not used.
%macro CALL_WITH 1+		; rdi in, rsi out
	push	rbx
	push	rbp
	push	r12
	push	r13
	push	r14
	push	r15
	push	rsi
	mov	[rdi + R(RSP_)], rsp
	push	qword [rdi + R(FLAGS_)]
	mov	rax, [rdi + R(RAX_)]
	mov	rbx, [rdi + R(1)]
	mov	rcx, [rdi + R(2)]
	mov	rdx, [rdi + R(3)]
	mov	rsi, [rdi + R(4)]
	mov	rbp, [rdi + R(6)]
	mov	r8, [rdi + R(8)]
	mov	r9, [rdi + R(9)]
	mov	r10, [rdi + R(10)]
	mov	r11, [rdi + R(11)]
	mov	r12, [rdi + R(12)]
	mov	r13, [rdi + R(13)]
	mov	r14, [rdi + R(14)]
	mov	r15, [rdi + R(15)]
	mov	rdi, [rdi + R(5)]
	popfq
	%1
%%after:
	pushfq
	push	rax
	mov	rax, [rsp + 16]
	mov	[rax + R(1)], rbx
	mov	[rax + R(2)], rcx
	mov	[rax + R(3)], rdx
	mov	[rax + R(4)], rsi
	mov	[rax + R(5)], rdi
	mov	[rax + R(6)], rbp
	mov	[rax + R(8)], r8
	mov	[rax + R(9)], r9
	mov	[rax + R(10)], r10
	mov	[rax + R(11)], r11
	mov	[rax + R(12)], r12
	mov	[rax + R(13)], r13
	mov	[rax + R(14)], r14
	mov	[rax + R(15)], r15
	pop	qword [rax + R(RAX_)]
	pop	qword [rax + R(FLAGS_)]
	mov	[rax + R(RSP_)], rsp
	lea	rbx, [%%after]
	mov	[rax + R(RIP_)], rbx
	push	2		; the flags a C function expects
	popfq
	pop	rsi
	pop	r15
	pop	r14
	pop	r13
	pop	r12
	pop	rbp
	pop	rbx
	ret
%endmacro

regs_syscall:
	CALL_WITH syscall

regs_int80:
	CALL_WITH int 0x80

; Not system calls, but instructions that fault: a signal handler goes on behind them.
regs_ud2:
	CALL_WITH ud2

regs_int3:
	CALL_WITH int3

regs_hlt:
	CALL_WITH hlt

regs_divide:			; by BL
	CALL_WITH div bl

regs_load:			; from RBX
	CALL_WITH mov al, [rbx]

regs_nop:
	CALL_WITH nop

section .note.GNU-stack noalloc noexec nowrite progbits

; SPDX-License-Identifier: MIT
;
; A system call on any stack, with any registers, 64 bit: user/lib/doors.h

bits 64

section .text

%define R(n) n * 8
RSP_ equ 7
FLAGS_ equ 16

; %1 name, %2 the instruction.  Everything is addressed absolutely, for no register is free and the
; stack may not be one.  With TF, the first trap is at .at, the next one at .stepped.
%macro DOOR 2+
global %1, %1.at, %1.after, %1.stepped
%1:
	push	rbx
	push	rbp
	push	r12
	push	r13
	push	r14
	push	r15
	mov	[abs own_sp], rsp
	push	qword [abs door_in + R(FLAGS_)]
	mov	rax, [abs door_in]
	mov	rbx, [abs door_in + R(1)]
	mov	rcx, [abs door_in + R(2)]
	mov	rdx, [abs door_in + R(3)]
	mov	rsi, [abs door_in + R(4)]
	mov	rdi, [abs door_in + R(5)]
	mov	rbp, [abs door_in + R(6)]
	mov	r8, [abs door_in + R(8)]
	mov	r9, [abs door_in + R(9)]
	mov	r10, [abs door_in + R(10)]
	mov	r11, [abs door_in + R(11)]
	mov	r12, [abs door_in + R(12)]
	mov	r13, [abs door_in + R(13)]
	mov	r14, [abs door_in + R(14)]
	mov	r15, [abs door_in + R(15)]
	popfq
	mov	rsp, [abs door_in + R(RSP_)]
.at:	%2
.after:	nop
.stepped:
	jmp	store
%endmacro

	DOOR door_syscall, syscall
	DOOR door_int80, int 0x80

; MOV leaves the flags alone.
store:
	mov	[abs door_out], rax
	mov	[abs door_out + R(1)], rbx
	mov	[abs door_out + R(2)], rcx
	mov	[abs door_out + R(3)], rdx
	mov	[abs door_out + R(4)], rsi
	mov	[abs door_out + R(5)], rdi
	mov	[abs door_out + R(6)], rbp
	mov	[abs door_out + R(RSP_)], rsp
	mov	[abs door_out + R(8)], r8
	mov	[abs door_out + R(9)], r9
	mov	[abs door_out + R(10)], r10
	mov	[abs door_out + R(11)], r11
	mov	[abs door_out + R(12)], r12
	mov	[abs door_out + R(13)], r13
	mov	[abs door_out + R(14)], r14
	mov	[abs door_out + R(15)], r15
global door_leave
door_leave:
	mov	rsp, [abs own_sp]
	pushfq
	pop	qword [abs door_out + R(FLAGS_)]
	push	2			; the flags a C function expects
	popfq
	pop	r15
	pop	r14
	pop	r13
	pop	r12
	pop	rbp
	pop	rbx
	ret

section .bss
alignb 8
global door_in, door_out
door_in:	resq 18
door_out:	resq 18
own_sp:		resq 1

section .note.GNU-stack noalloc noexec nowrite progbits

; SPDX-License-Identifier: MIT
;
; One system call with all registers loaded before and stored after it, 32 bit.

bits 32

global regs_int80, regs_call, regs_call_target
global regs_ud2, regs_int3, regs_hlt, regs_divide, regs_load, regs_nop

%define R(n) n * 4
EAX_ equ 0
ESP_ equ 7
FLAGS_ equ 8
EIP_ equ 9

section .text

; The stack at the instruction: [esp] = out.
%macro CALL_WITH 1+		; [esp + 4] in, [esp + 8] out
	push	ebx
	push	esi
	push	edi
	push	ebp
	mov	edi, [esp + 20]
	push	dword [esp + 24]
	mov	[edi + R(ESP_)], esp
	push	dword [edi + R(FLAGS_)]
	mov	eax, [edi + R(EAX_)]
	mov	ebx, [edi + R(1)]
	mov	ecx, [edi + R(2)]
	mov	edx, [edi + R(3)]
	mov	esi, [edi + R(4)]
	mov	ebp, [edi + R(6)]
	mov	edi, [edi + R(5)]
	popfd
	%1
%%after:
	pushfd
	push	eax
	mov	eax, [esp + 8]
	mov	[eax + R(1)], ebx
	mov	[eax + R(2)], ecx
	mov	[eax + R(3)], edx
	mov	[eax + R(4)], esi
	mov	[eax + R(5)], edi
	mov	[eax + R(6)], ebp
	pop	dword [eax + R(EAX_)]
	pop	dword [eax + R(FLAGS_)]
	mov	[eax + R(ESP_)], esp
	mov	dword [eax + R(EIP_)], %%after
	push	2		; the flags a C function expects
	popfd
	add	esp, 4
	pop	ebp
	pop	edi
	pop	esi
	pop	ebx
	ret
%endmacro

regs_int80:
	CALL_WITH int 0x80

; CALL regs_call_target in place of the instruction.
regs_call:
	CALL_WITH call [regs_call_target]

; Not system calls, but instructions that fault: a signal handler goes on behind them.
regs_ud2:
	CALL_WITH ud2

regs_int3:
	CALL_WITH int3

regs_hlt:
	CALL_WITH hlt

regs_divide:			; by BL
	CALL_WITH div bl

regs_load:			; from EBX
	CALL_WITH mov al, [ebx]

regs_nop:
	CALL_WITH nop

section .data
regs_call_target:
	dd 0

section .note.GNU-stack noalloc noexec nowrite progbits

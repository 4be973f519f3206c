; SPDX-License-Identifier: MIT
;
; A system call on any stack, with any registers, 32 bit: user/lib/doors.h

bits 32

section .text

%define R(n) n * 4
ESP_ equ 7
FLAGS_ equ 8

; %1 name, %2... the instructions of the door.  No register is free and the stack may not be one.
; With TF, the first trap is at .at.  The fast doors come back from the vDSO's landing pad by the
; return address that the caller has put on the stack: .after.
%macro DOOR 2-*
global %1, %1.at, %1.after, %1.stepped
%1:
	push	ebx
	push	ebp
	push	esi
	push	edi
	mov	[own_sp], esp
	push	dword [door_in + R(FLAGS_)]
	mov	eax, [door_in]
	mov	ebx, [door_in + R(1)]
	mov	ecx, [door_in + R(2)]
	mov	edx, [door_in + R(3)]
	mov	esi, [door_in + R(4)]
	mov	edi, [door_in + R(5)]
	mov	ebp, [door_in + R(6)]
	popfd
	mov	esp, [door_in + R(ESP_)]
.at:
 %rep %0 - 1
  %rotate 1
	%1
 %endrep
 %rotate 1
.after:	nop
.stepped:
	jmp	store
%endmacro

	DOOR door_int80, {int 0x80}
	DOOR door_sysenter, {sysenter}, {ud2}
	DOOR door_syscall, {syscall}, {ud2}
	DOOR door_vdso, {call [door_target]}

; MOV leaves the flags alone.
store:
	mov	[door_out], eax
	mov	[door_out + R(1)], ebx
	mov	[door_out + R(2)], ecx
	mov	[door_out + R(3)], edx
	mov	[door_out + R(4)], esi
	mov	[door_out + R(5)], edi
	mov	[door_out + R(6)], ebp
	mov	[door_out + R(ESP_)], esp
global door_leave
door_leave:
	mov	esp, [own_sp]
	pushfd
	pop	dword [door_out + R(FLAGS_)]
	push	2			; the flags a C function expects
	popfd
	pop	edi
	pop	esi
	pop	ebp
	pop	ebx
	ret

section .bss
alignb 8
global door_in, door_out, door_target
door_in:	resd 10
door_out:	resd 10
door_target:	resd 1
own_sp:		resd 1

section .note.GNU-stack noalloc noexec nowrite progbits

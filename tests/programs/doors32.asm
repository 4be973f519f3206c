; SPDX-License-Identifier: MIT
;
; The other half of doors64.asm: the doors of 32-bit programs.

bits 32

%define NR_sigaction 67
%define NR_getppid   64
%define AT_SYSINFO   32
%define SIGTRAP      5
%define SC_EFLAGS    (4 + 64)			; in the handler: behind signo, in the sigcontext
%define TF           0x100

section .data
action:
	dd	handler, 0, 0, 0

section .bss
alignb 16
global sysinfo
sysinfo:
	resd	1
	resb	65536
global stack_top
stack_top:

section .text

; %1 function.  In it ESP = stack_top - 4, and all registers are known.
%macro ENTER 1
	mov	esp, stack_top
	mov	eax, NR_getppid
	mov	ecx, 0x6001
	mov	edx, 0x6002
	mov	ebx, 0x6003
	mov	ebp, 0x6005
	mov	esi, 0x6006
	mov	edi, 0x6007
	call	%1
%endmacro

global _start
_start:
	mov	esi, esp
.skip:						; argc, argv, 0, envp, 0, auxv: pairs
	lodsd
	cmp	dword [esi], 0
	jne	.skip
	add	esi, 4
.environment:
	lodsd
	test	eax, eax
	jnz	.environment
.auxv:
	lodsd
	mov	edx, eax
	lodsd
	cmp	edx, AT_SYSINFO
	jne	.auxv
	mov	[sysinfo], eax

	mov	eax, NR_sigaction
	mov	ebx, SIGTRAP
	mov	ecx, action
	xor	edx, edx
	int	0x80

	ENTER	door_int80
	ENTER	door_vsyscall
	ENTER	door_step
	ENTER	door_syscall
	ENTER	door_no_stack
	hlt

handler:
	and	dword [esp + 4 + SC_EFLAGS], ~TF
	ret

global door_int80, door_vsyscall, door_step, door_syscall, door_no_stack
door_int80:
	int	0x80
	ret
door_vsyscall:
	call	[sysinfo]
	ret

; The bare instructions: the kernel goes on at the vDSO's landing pad.
door_step:
	push	ecx
	push	edx
	push	ebp
	mov	ebp, esp
	push	dword 0x202 | TF
	popfd
	sysenter
door_syscall:
	push	ecx
	push	edx
	push	ebp
	mov	ebp, ecx
	syscall
door_no_stack:
	mov	ebp, 8
	sysenter

section .note.GNU-stack noalloc noexec nowrite progbits

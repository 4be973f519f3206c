; SPDX-License-Identifier: MIT
;
; Program entry and raw system calls, 32 bit.
;
; Entry: ESP points to argc.  Before anything else happens the registers are written to
; start_registers (user/lib/start.h): what exec leaves in them is tested by looking there.

bits 32

extern program_start
global _start, raw_syscall, raw_spawn, start_registers

section .bss
alignb 16
start_registers:
	resd 10			; eax ebx ecx edx esi edi ebp esp eflags, padding
	resw 8			; cs ds es fs gs ss, padding
	resb 8			; padding: the image below is 16-byte aligned
	resb 512		; FXSAVE image

section .text

; needs: a fresh stack.  clobbers: everything, never returns.
_start:
	mov	[start_registers], eax
	mov	[start_registers + 1 * 4], ebx
	mov	[start_registers + 2 * 4], ecx
	mov	[start_registers + 3 * 4], edx
	mov	[start_registers + 4 * 4], esi
	mov	[start_registers + 5 * 4], edi
	mov	[start_registers + 6 * 4], ebp
	mov	[start_registers + 7 * 4], esp
	pushfd
	pop	dword [start_registers + 8 * 4]
	mov	word [start_registers + 40], cs
	mov	word [start_registers + 42], ds
	mov	word [start_registers + 44], es
	mov	word [start_registers + 46], fs
	mov	word [start_registers + 48], gs
	mov	word [start_registers + 50], ss
	fxsave	[start_registers + 64]
	mov	eax, esp
	xor	ebp, ebp
	and	esp, -16
	sub	esp, 12
	push	eax
	call	program_start
	ud2

; gives: the kernel's EAX.  clobbers: as the C calling convention allows.
raw_syscall:			; [esp + 4] nr, then a b c d e f
	push	ebp
	push	edi
	push	esi
	push	ebx
	mov	eax, [esp + 20]
	mov	ebx, [esp + 24]
	mov	ecx, [esp + 28]
	mov	edx, [esp + 32]
	mov	esi, [esp + 36]
	mov	edi, [esp + 40]
	mov	ebp, [esp + 44]
	int	0x80
	pop	ebx
	pop	esi
	pop	edi
	pop	ebp
	ret

; needs: the new stack starts with {function, argument}, the argument 16-byte aligned.
raw_spawn:			; [esp + 4] nr, then a b c d e
	push	edi
	push	esi
	push	ebx
	mov	eax, [esp + 16]
	mov	ebx, [esp + 20]
	mov	ecx, [esp + 24]
	mov	edx, [esp + 28]
	mov	esi, [esp + 32]
	mov	edi, [esp + 36]
	int	0x80
	test	eax, eax
	jz	.child
	pop	ebx
	pop	esi
	pop	edi
	ret
.child:
	xor	ebp, ebp
	pop	eax		; the argument is now where a callee expects it
	call	eax
	xor	ebx, ebx
	mov	eax, 1		; exit: this thread only
	int	0x80
	ud2

section .note.GNU-stack noalloc noexec nowrite progbits

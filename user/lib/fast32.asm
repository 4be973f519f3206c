; SPDX-License-Identifier: MIT
;
; The fast system-call instructions, bare, for tests of what the kernel does without the vDSO's
; help. The kernel returns to the vDSO's landing pad, which pops EBP, EDX, ECX and a return address.

bits 32

global enter_int80, enter_sysenter, enter_syscall, enter_with, step_into, thread_by_kernel_clone

section .text

; Each with the calling convention of __kernel_vsyscall.
enter_int80:
	int	0x80
	ret
enter_sysenter:
	push	ecx
	push	edx
	push	ebp
	mov	ebp, esp
	sysenter
	ud2
enter_syscall:
	push	ecx
	push	edx
	push	ebp
	mov	ebp, ecx
	syscall
	ud2

; void enter_with(door, nr, a, b, c, sp): the bare instruction with this stack pointer, whatever it
; is. Comes back, if at all, to whatever the pad pops.
enter_with:			; door: 0 SYSENTER, 1 SYSCALL
	mov	edi, [esp + 4]
	mov	eax, [esp + 8]
	mov	ebx, [esp + 12]
	mov	ecx, [esp + 16]
	mov	edx, [esp + 20]
	mov	esp, [esp + 24]
	mov	ebp, esp
	test	edi, edi
	jnz	.syscall
	sysenter
	ud2
.syscall:
	mov	ebp, ecx
	syscall
	ud2

; void step_into(door, nr, a, b, c): TF, NT and AC are set by the instruction before, so the first
; trap belongs to the door.
step_into:			; door: 0 SYSENTER, 1 SYSCALL, 2 INT 0x80
	mov	edi, [esp + 4]
	mov	eax, [esp + 8]
	mov	ebx, [esp + 12]
	mov	ecx, [esp + 16]
	mov	edx, [esp + 20]
	call	.enter
	ud2			; the trap has come before
.enter:
	push	ecx
	push	edx
	push	ebp
	mov	ebp, esp
	cmp	edi, 1
	ja	.int80
	je	.syscall
	push	0x44302
	popfd
	sysenter
.syscall:
	mov	ebp, ecx
	push	0x44302
	popfd
	syscall
.int80:
	push	0x44302
	popfd
	int	0x80
	nop
	ud2

; long thread_by_kernel_clone(entry, flags, stack, start)
thread_by_kernel_clone:
	push	ebp
	push	edi
	push	esi
	push	ebx
	mov	eax, [esp + 20]
	mov	ebx, [esp + 24]
	mov	ecx, [esp + 28]
	mov	ebp, [esp + 32]
	xor	edx, edx
	xor	esi, esi
	xor	edi, edi
	call	eax
	pop	ebx
	pop	esi
	pop	edi
	pop	ebp
	ret

section .note.GNU-stack noalloc noexec nowrite progbits

; SPDX-License-Identifier: MIT
;
; Fills all registers, spins, and stores them again, 32 bit (user/lib/canary.h).

bits 32

global canary_run

FLAGS equ 20
X87 equ 24
VECTORS equ 88
MXCSR equ 344
CONTROL equ 348

section .text

; The stack while spinning: [esp] = out, [esp + 4] = avx.  ebp holds in, then out.
canary_run:			; [esp + 4] in, out, spins, avx
	push	ebx
	push	ebp
	push	esi
	push	edi
	movzx	eax, byte [esp + 32]
	mov	ebp, [esp + 20]
	mov	ecx, [esp + 28]
	mov	edx, [esp + 24]
	push	eax
	push	edx
	fninit
	fild	qword [ebp + X87 + 56]
	fild	qword [ebp + X87 + 48]
	fild	qword [ebp + X87 + 40]
	fild	qword [ebp + X87 + 32]
	fild	qword [ebp + X87 + 24]
	fild	qword [ebp + X87 + 16]
	fild	qword [ebp + X87 + 8]
	fild	qword [ebp + X87 + 0]
	fldcw	[ebp + CONTROL]
	ldmxcsr	[ebp + MXCSR]
	test	eax, eax
	jnz	.load_avx
	movups	xmm0, [ebp + VECTORS + 0]
	movups	xmm1, [ebp + VECTORS + 32]
	movups	xmm2, [ebp + VECTORS + 64]
	movups	xmm3, [ebp + VECTORS + 96]
	movups	xmm4, [ebp + VECTORS + 128]
	movups	xmm5, [ebp + VECTORS + 160]
	movups	xmm6, [ebp + VECTORS + 192]
	movups	xmm7, [ebp + VECTORS + 224]
	jmp	.loaded
.load_avx:
	vmovups	ymm0, [ebp + VECTORS + 0]
	vmovups	ymm1, [ebp + VECTORS + 32]
	vmovups	ymm2, [ebp + VECTORS + 64]
	vmovups	ymm3, [ebp + VECTORS + 96]
	vmovups	ymm4, [ebp + VECTORS + 128]
	vmovups	ymm5, [ebp + VECTORS + 160]
	vmovups	ymm6, [ebp + VECTORS + 192]
	vmovups	ymm7, [ebp + VECTORS + 224]
.loaded:
	push	dword [ebp + FLAGS]
	mov	eax, [ebp + 0]
	mov	ebx, [ebp + 4]
	mov	edx, [ebp + 8]
	mov	esi, [ebp + 12]
	mov	edi, [ebp + 16]
	popfd
.spin:
	lea	ecx, [ecx - 1]		; neither changes the flags
	jecxz	.done
	jmp	.spin
.done:
	mov	ebp, [esp]
	pushfd
	pop	dword [ebp + FLAGS]
	mov	[ebp + 0], eax
	mov	[ebp + 4], ebx
	mov	[ebp + 8], edx
	mov	[ebp + 12], esi
	mov	[ebp + 16], edi
	cld
	stmxcsr	[ebp + MXCSR]
	fnstcw	[ebp + CONTROL]
	fistp	qword [ebp + X87 + 0]
	fistp	qword [ebp + X87 + 8]
	fistp	qword [ebp + X87 + 16]
	fistp	qword [ebp + X87 + 24]
	fistp	qword [ebp + X87 + 32]
	fistp	qword [ebp + X87 + 40]
	fistp	qword [ebp + X87 + 48]
	fistp	qword [ebp + X87 + 56]
	fninit
	cmp	dword [esp + 4], 0
	jne	.store_avx
	movups	[ebp + VECTORS + 0], xmm0
	movups	[ebp + VECTORS + 32], xmm1
	movups	[ebp + VECTORS + 64], xmm2
	movups	[ebp + VECTORS + 96], xmm3
	movups	[ebp + VECTORS + 128], xmm4
	movups	[ebp + VECTORS + 160], xmm5
	movups	[ebp + VECTORS + 192], xmm6
	movups	[ebp + VECTORS + 224], xmm7
	jmp	.stored
.store_avx:
	vmovups	[ebp + VECTORS + 0], ymm0
	vmovups	[ebp + VECTORS + 32], ymm1
	vmovups	[ebp + VECTORS + 64], ymm2
	vmovups	[ebp + VECTORS + 96], ymm3
	vmovups	[ebp + VECTORS + 128], ymm4
	vmovups	[ebp + VECTORS + 160], ymm5
	vmovups	[ebp + VECTORS + 192], ymm6
	vmovups	[ebp + VECTORS + 224], ymm7
	vzeroall
.stored:
	ldmxcsr	[default_mxcsr]
	add	esp, 8
	pop	edi
	pop	esi
	pop	ebp
	pop	ebx
	ret

section .rodata
align 4
default_mxcsr:
	dd	0x1f80

section .note.GNU-stack noalloc noexec nowrite progbits

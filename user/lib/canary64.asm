; SPDX-License-Identifier: MIT
;
; Fills all registers, spins, and stores them again, 64 bit (user/lib/canary.h).

bits 64
default rel

global canary_run

FLAGS equ 104
X87 equ 112
VECTORS equ 176
MXCSR equ 688
CONTROL equ 692

section .text

; The stack while spinning: [rsp] = out, [rsp + 8] = avx.  rbp holds in, then out.
canary_run:			; rdi in, rsi out, rdx spins, cl avx
	push	rbx
	push	rbp
	push	r12
	push	r13
	push	r14
	push	r15
	movzx	eax, cl
	push	rax
	push	rsi
	mov	rbp, rdi
	mov	rcx, rdx
	fninit
	fild	qword [rbp + X87 + 56]
	fild	qword [rbp + X87 + 48]
	fild	qword [rbp + X87 + 40]
	fild	qword [rbp + X87 + 32]
	fild	qword [rbp + X87 + 24]
	fild	qword [rbp + X87 + 16]
	fild	qword [rbp + X87 + 8]
	fild	qword [rbp + X87 + 0]
	fldcw	[rbp + CONTROL]
	ldmxcsr	[rbp + MXCSR]
	test	eax, eax
	jnz	.load_avx
	movups	xmm0, [rbp + VECTORS + 0]
	movups	xmm1, [rbp + VECTORS + 32]
	movups	xmm2, [rbp + VECTORS + 64]
	movups	xmm3, [rbp + VECTORS + 96]
	movups	xmm4, [rbp + VECTORS + 128]
	movups	xmm5, [rbp + VECTORS + 160]
	movups	xmm6, [rbp + VECTORS + 192]
	movups	xmm7, [rbp + VECTORS + 224]
	movups	xmm8, [rbp + VECTORS + 256]
	movups	xmm9, [rbp + VECTORS + 288]
	movups	xmm10, [rbp + VECTORS + 320]
	movups	xmm11, [rbp + VECTORS + 352]
	movups	xmm12, [rbp + VECTORS + 384]
	movups	xmm13, [rbp + VECTORS + 416]
	movups	xmm14, [rbp + VECTORS + 448]
	movups	xmm15, [rbp + VECTORS + 480]
	jmp	.loaded
.load_avx:
	vmovups	ymm0, [rbp + VECTORS + 0]
	vmovups	ymm1, [rbp + VECTORS + 32]
	vmovups	ymm2, [rbp + VECTORS + 64]
	vmovups	ymm3, [rbp + VECTORS + 96]
	vmovups	ymm4, [rbp + VECTORS + 128]
	vmovups	ymm5, [rbp + VECTORS + 160]
	vmovups	ymm6, [rbp + VECTORS + 192]
	vmovups	ymm7, [rbp + VECTORS + 224]
	vmovups	ymm8, [rbp + VECTORS + 256]
	vmovups	ymm9, [rbp + VECTORS + 288]
	vmovups	ymm10, [rbp + VECTORS + 320]
	vmovups	ymm11, [rbp + VECTORS + 352]
	vmovups	ymm12, [rbp + VECTORS + 384]
	vmovups	ymm13, [rbp + VECTORS + 416]
	vmovups	ymm14, [rbp + VECTORS + 448]
	vmovups	ymm15, [rbp + VECTORS + 480]
.loaded:
	push	qword [rbp + FLAGS]
	mov	rax, [rbp + 0]
	mov	rbx, [rbp + 8]
	mov	rdx, [rbp + 16]
	mov	rsi, [rbp + 24]
	mov	rdi, [rbp + 32]
	mov	r8, [rbp + 40]
	mov	r9, [rbp + 48]
	mov	r10, [rbp + 56]
	mov	r11, [rbp + 64]
	mov	r12, [rbp + 72]
	mov	r13, [rbp + 80]
	mov	r14, [rbp + 88]
	mov	r15, [rbp + 96]
	popfq
.spin:
	lea	rcx, [rcx - 1]		; neither changes the flags
	jrcxz	.done
	jmp	.spin
.done:
	mov	rbp, [rsp]
	pushfq
	pop	qword [rbp + FLAGS]
	mov	[rbp + 0], rax
	mov	[rbp + 8], rbx
	mov	[rbp + 16], rdx
	mov	[rbp + 24], rsi
	mov	[rbp + 32], rdi
	mov	[rbp + 40], r8
	mov	[rbp + 48], r9
	mov	[rbp + 56], r10
	mov	[rbp + 64], r11
	mov	[rbp + 72], r12
	mov	[rbp + 80], r13
	mov	[rbp + 88], r14
	mov	[rbp + 96], r15
	cld
	stmxcsr	[rbp + MXCSR]
	fnstcw	[rbp + CONTROL]
	fistp	qword [rbp + X87 + 0]
	fistp	qword [rbp + X87 + 8]
	fistp	qword [rbp + X87 + 16]
	fistp	qword [rbp + X87 + 24]
	fistp	qword [rbp + X87 + 32]
	fistp	qword [rbp + X87 + 40]
	fistp	qword [rbp + X87 + 48]
	fistp	qword [rbp + X87 + 56]
	fninit
	cmp	qword [rsp + 8], 0
	jne	.store_avx
	movups	[rbp + VECTORS + 0], xmm0
	movups	[rbp + VECTORS + 32], xmm1
	movups	[rbp + VECTORS + 64], xmm2
	movups	[rbp + VECTORS + 96], xmm3
	movups	[rbp + VECTORS + 128], xmm4
	movups	[rbp + VECTORS + 160], xmm5
	movups	[rbp + VECTORS + 192], xmm6
	movups	[rbp + VECTORS + 224], xmm7
	movups	[rbp + VECTORS + 256], xmm8
	movups	[rbp + VECTORS + 288], xmm9
	movups	[rbp + VECTORS + 320], xmm10
	movups	[rbp + VECTORS + 352], xmm11
	movups	[rbp + VECTORS + 384], xmm12
	movups	[rbp + VECTORS + 416], xmm13
	movups	[rbp + VECTORS + 448], xmm14
	movups	[rbp + VECTORS + 480], xmm15
	jmp	.stored
.store_avx:
	vmovups	[rbp + VECTORS + 0], ymm0
	vmovups	[rbp + VECTORS + 32], ymm1
	vmovups	[rbp + VECTORS + 64], ymm2
	vmovups	[rbp + VECTORS + 96], ymm3
	vmovups	[rbp + VECTORS + 128], ymm4
	vmovups	[rbp + VECTORS + 160], ymm5
	vmovups	[rbp + VECTORS + 192], ymm6
	vmovups	[rbp + VECTORS + 224], ymm7
	vmovups	[rbp + VECTORS + 256], ymm8
	vmovups	[rbp + VECTORS + 288], ymm9
	vmovups	[rbp + VECTORS + 320], ymm10
	vmovups	[rbp + VECTORS + 352], ymm11
	vmovups	[rbp + VECTORS + 384], ymm12
	vmovups	[rbp + VECTORS + 416], ymm13
	vmovups	[rbp + VECTORS + 448], ymm14
	vmovups	[rbp + VECTORS + 480], ymm15
	vzeroall
.stored:
	ldmxcsr	[default_mxcsr]
	add	rsp, 16
	pop	r15
	pop	r14
	pop	r13
	pop	r12
	pop	rbp
	pop	rbx
	ret

section .rodata
align 4
default_mxcsr:
	dd	0x1f80

section .note.GNU-stack noalloc noexec nowrite progbits

; SPDX-License-Identifier: MIT
;
; How the sweep leaves an NMI handler without IRETQ, so that NMIs stay blocked with one of them
; waiting (kernel/debug/sweep_events.c says what for).

%include "entry/frame.inc"
%include "entry/paranoid.inc"

bits 64
default rel

%ifdef CONFIG_DEBUG
section .text

; void nmi_abandon(struct pt_regs *regs, const uint64_t jump[8]): leaves an NMI that interrupted the
; kernel without its IRETQ, to what sweep_setjmp saved.  NMIs stay blocked, which is the point
; (kernel/debug/sweep_events.c).
;
; needs     RDI = struct pt_regs of that NMI; kernel GS was live when it came
global nmi_abandon
nmi_abandon:
	mov	qword [rdi + REGS_rip + NMI_STATE], 0
	mov	rbx, [rsi]
	mov	rbp, [rsi + 8]
	mov	r12, [rsi + 16]
	mov	r13, [rsi + 24]
	mov	r14, [rsi + 32]
	mov	r15, [rsi + 40]
	mov	rsp, [rsi + 48]
	mov	eax, 1
	jmp	[rsi + 56]

; int sweep_setjmp(uint64_t jump[8]): 0 at first, 1 when it comes back through nmi_abandon.
global sweep_setjmp
sweep_setjmp:
	mov	[rdi], rbx
	mov	[rdi + 8], rbp
	mov	[rdi + 16], r12
	mov	[rdi + 24], r13
	mov	[rdi + 32], r14
	mov	[rdi + 40], r15
	lea	rax, [rsp + 8]
	mov	[rdi + 48], rax
	mov	rax, [rsp]
	mov	[rdi + 56], rax
	xor	eax, eax
	ret
%endif

; SPDX-License-Identifier: MIT
;
; The first instructions at the kernel's own addresses, and the call of C.
;
; A file of its own, because NASM's debug information covers one section of code per file: so
; gdb shows these lines as well as those of boot/start.asm, which lie in .boot.text.

%include "offsets.inc"
%include "entry/cfi.inc"

global start_high
extern kernel_main, boot_gdtr_high, boot_stack_top

section .text
bits 64

; needs:    EBP = magic, ESI = information
; gives:    kernel_main(magic, information) on the boot stack; RBP = 0 ends backtraces
; clobbers: everything
start_high:
	CFI_FUNCTION
	CFI_NO_CALLER
	lgdt	[rel boot_gdtr_high]		; the identity map will not last
	mov	eax, KERNEL_DS
	mov	ss, eax
	xor	eax, eax
	mov	ds, eax
	mov	es, eax
	mov	fs, eax
	mov	gs, eax
	mov	rsp, boot_stack_top
	push	2				; defined flags: AC, NT, IOPL and the rest clear
	popfq

	mov	edi, ebp
	mov	esi, esi			; zero-extended: upper halves are undefined by now
	xor	ebp, ebp
	call	kernel_main
.forever:
	cli					; kernel_main does not return
	hlt
	jmp	.forever
	CFI_END

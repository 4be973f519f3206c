; SPDX-License-Identifier: MIT
;
; The trial guest of tests/tools/kvm-cpu.sh: it ends with QEMU's status 65, if this host can
; virtualise.  It is not the kernel, whose own faults under KVM must fail, not lead to TCG.
;
; A KVM without hardware's help interprets instructions, and knows only some: CLAC is one that the
; kernel needs early and such a KVM lacks.  32-bit code, as in stub.asm.

	bits 32
	section .note.Xen note
	dd 4, 4, 18		; XEN_ELFNOTE_PHYS32_ENTRY
	db "Xen", 0
	dd start

	section .text
	global start
start:	mov eax, 7
	xor ecx, ecx
	cpuid
	bt ebx, 20		; SMAP
	jnc .end
	clac
.end:	mov al, 0x20
	out 0xf4, al
.halt:	cli
	hlt
	jmp .halt

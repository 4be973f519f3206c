; SPDX-License-Identifier: MIT
;
; Where an application processor (AP) begins: real mode, protected mode, long mode, C.
;
; After INIT and SIPI with vector V a CPU starts in real mode with CS = V << 8 and IP = 0,
; that is at physical V << 12, caches off and interrupts off (SDM vol. 3, "MP initialization").
; Nobody can say at link time which page below 1 MiB is free, so this text is a blob: the boot CPU
; copies it and fills the parameters at its end (boot/ap_start.h).  It finds out where
; it is from CS, and writes the only three addresses that the CPU wants absolute
; (the GDT's base and two jump targets) into its own copy.  APs come one at a time, so
; nobody else reads the copy meanwhile.
;
; The way up is the same as the boot CPU's, with the kernel's page tables instead of
; the boot ones; these map this page to itself, so the instruction after
; "mov cr0" is found at the same address as before it.  CR0 is loaded whole, not by
; "or": INIT leaves CD and NW set, and a CPU without caches is a hundred times slower.

%define CR0_REAL_TO_PROTECTED 0x00000031	; PE, ET, NE: also clears CD and NW
%define CR0_LONG              0x80010033	; PG, WP, NE, ET, MP, PE
%define CR4_PAE               0x00000020
%define MSR_EFER              0xc0000080
%define EFER_LME              0x00000100
%define EFER_NXE              0x00000800

%define AP_CODE32 0x08
%define AP_CODE64 0x10				; = KERNEL_CS, so that early frames look usual
%define AP_DATA   0x18				; = KERNEL_DS

struc PARAMS					; struct ap_params, boot/ap_start.h
.pml4:		resq 1
.stack_top:	resq 1
.entry:		resq 1
.arg:		resq 1
.nx:		resd 1
.reserved:	resd 1
endstruc

%define AT(label) (label - ap_trampoline_start)	; offset within the copy
%define PARAM(field) AT(ap_trampoline_params) + PARAMS. %+ field

global ap_trampoline_start, ap_trampoline_end, ap_trampoline_params

section .rodata
align 16

; needs:    CS:IP = page:0, any CPU state that INIT leaves
; gives:    EBX = physical address of the page; goes on at ap_protected
; clobbers: EAX, flags, DS
bits 16
ap_trampoline_start:
	cli
	cld
	mov	ax, cs
	mov	ds, ax
	movzx	ebx, ax
	shl	ebx, 4

	lea	eax, [ebx + AT(ap_gdt)]		; the three absolute addresses
	mov	[AT(ap_gdtr) + 2], eax
	lea	eax, [ebx + AT(ap_protected)]
	mov	[AT(ap_jump32)], eax
	lea	eax, [ebx + AT(ap_long)]
	mov	[AT(ap_jump64)], eax

	o32 lgdt [AT(ap_gdtr)]
	mov	eax, CR0_REAL_TO_PROTECTED
	mov	cr0, eax
	jmp	far dword [AT(ap_jump32)]

; needs:    EBX = the page, paging off
; gives:    paging on, long mode; goes on at ap_long
; clobbers: EAX, ECX, EDX, flags, DS
bits 32
ap_protected:
	mov	ax, AP_DATA
	mov	ds, ax
	mov	eax, CR4_PAE
	mov	cr4, eax
	mov	eax, [ebx + PARAM(pml4)]		; below 4 GiB
	mov	cr3, eax

	mov	ecx, MSR_EFER
	mov	eax, EFER_LME
	xor	edx, edx
	cmp	dword [ebx + PARAM(nx)], 0
	je	.efer
	or	eax, EFER_NXE			; before PG: an NX bit would be "reserved" without
.efer:
	wrmsr
	mov	eax, CR0_LONG
	mov	cr0, eax			; the next fetch goes through the identity map
	jmp	far [ebx + AT(ap_jump64)]

; needs:    64-bit mode, EBX = the page
; gives:    the C entry, on its own stack, argument in RDI; never comes back
; clobbers: everything
bits 64
ap_long:
	mov	eax, AP_DATA
	mov	ss, eax
	xor	eax, eax
	mov	ds, eax
	mov	es, eax
	mov	fs, eax
	mov	gs, eax
	mov	ebx, ebx			; upper half is undefined after a mode switch
	mov	rsp, [rbx + PARAM(stack_top)]
	mov	rdi, [rbx + PARAM(arg)]
	mov	rax, [rbx + PARAM(entry)]
	push	2
	popfq					; flags as the C code expects: all clear
	xor	ebp, ebp			; backtraces end here
	push	rbp				; as if called: RSP = 16n + 8 and return address 0
	jmp	rax

align 8
ap_gdt:
	dq	0
	dq	0x00cf9b000000ffff		; 0x08: 32-bit code, flat
	dq	0x00af9b000000ffff		; 0x10: 64-bit code
	dq	0x00cf93000000ffff		; 0x18: data, flat
ap_gdtr:
	dw	ap_gdtr - ap_gdt - 1
	dd	0				; filled above
	dw	0
ap_jump32:
	dd	0
	dw	AP_CODE32
	dw	0
ap_jump64:
	dd	0
	dw	AP_CODE64
	dw	0
align 8
ap_trampoline_params:				; struct ap_params
	times PARAMS_size db 0
ap_trampoline_end:

; SPDX-License-Identifier: MIT
;
; From the loader's 32-bit world to kernel_main in the top 2 GiB.
;
; Who arrives here.  GRUB (multiboot2) jumps to _start_phys with EAX = 0x36d76289 and
; EBX = the physical address of its information.  QEMU's -kernel (PVH) jumps to start_pvh with
; EBX = the physical address of hvm_start_info, and nothing promised about EAX, so that entry
; puts the structure's own magic number there.  From then on both are alike: 32-bit protected
; mode, flat segments, paging off, interrupts off.  Not promised: a stack, a GDT
; that may be used again, the direction flag, cleared .bss.
;
; What has to happen.  Long mode wants page tables before it can be entered, and the
; kernel is linked at KERNEL_BASE while it lies at 2 MiB.  So the boot tables map the first
; 4 GiB three times, in 2 MiB pages:
;
;	virtual                      physical     for
;	0                            0 - 4 GiB    the instructions that switch paging on
;	DIRECT_MAP_BASE              0 - 4 GiB    C, reading what the loader left
;	KERNEL_BASE                  0 - 1 GiB    the kernel image
;
;	boot_pml4 [0]   ---+--> boot_pdpt_low  [0..3] --> boot_pd 0..3 (2048 entries)
;	          [273] ---'                               ^
;	          [511] ------> boot_pdpt_high [510] ------'  (the first of the four)
;
; Everything is writable and executable at first; paging_init replaces it by the final,
; W^X tables before the first user instruction.  The tables live in .bss, so .bss is cleared
; first, and from here, by physical address: then nothing that C zeroes can hit them.
;
; Register plan of the 32-bit part: EBP = magic, ESI = information, until the very end.

%include "offsets.inc"

%define PHYS(symbol) ((symbol) - KERNEL_BASE)	; where a symbol of the image lies now

%define PVH_MAGIC 0x336ec578

%define PAGE_PRESENT_WRITE 0x03
%define PAGE_2M            0x80
%define PML4_INDEX(a)      (((a) >> 39) & 511)
%define PDPT_INDEX(a)      (((a) >> 30) & 511)

%define FLAG_ID   (1 << 21)			; RFLAGS.ID: can be toggled if there is a CPUID
%define CPUID_LM  29				; CPUID 8000_0001h EDX (SDM vol. 2, CPUID)
%define CPUID_NX  20
%define CR4_PAE   0x00000020
%define CR0_LONG  0x80010033			; PG, WP, NE, ET, MP, PE; caches on
%define MSR_EFER  0xc0000080
%define EFER_LME  0x00000100
%define EFER_NXE  0x00000800

%define BOOT_CODE32 0x08
%define BOOT_STACK_SIZE 16384

global _start_phys, start_pvh
global boot_stack_guard, boot_stack_top, boot_gdtr_high
extern start_high, boot_refuse, __bss_start, __bss_end

section .boot.text progbits alloc exec nowrite align=16
bits 32

; needs:    EBX = hvm_start_info; see above
; gives:    goes on at _start_phys, EAX = PVH_MAGIC
; clobbers: EAX
start_pvh:
	mov	eax, PVH_MAGIC

; needs:    EAX = magic, EBX = information; 32-bit, paging off, IF = 0
; gives:    EBP = magic, ESI = information, a stack, DF = 0
; clobbers: flags
_start_phys:
	cli
	cld
	mov	ebp, eax
	mov	esi, ebx
	mov	esp, PHYS(boot_stack_top)

; Is this a CPU that knows long mode?  Without CPUID the instruction itself would fault,
; and with no IDT a fault is a silent reset.
; needs:    ESP
; gives:    EDX = CPUID 8000_0001h EDX
; clobbers: EAX, EBX, ECX, flags
check_cpu:
	pushfd
	pop	eax
	mov	ecx, eax
	xor	eax, FLAG_ID
	push	eax
	popfd
	pushfd
	pop	eax
	xor	eax, ecx
	test	eax, FLAG_ID
	jz	refuse_cpu

	mov	eax, 0x80000000
	cpuid
	cmp	eax, 0x80000001			; the highest extended leaf
	jb	refuse_cpu
	mov	eax, 0x80000001
	cpuid
	bt	edx, CPUID_LM
	jnc	refuse_cpu

; needs:    DF = 0
; gives:    .bss all zero, the (still unused) stack included
; clobbers: EAX, ECX, EDI, flags
clear_bss:
	mov	edi, PHYS(__bss_start)
	mov	ecx, PHYS(__bss_end)
	sub	ecx, edi
	shr	ecx, 2				; both ends are page aligned
	xor	eax, eax
	rep stosd

; needs:    zeroed tables
; gives:    the three mappings of the picture above
; clobbers: EAX, ECX, EDI, flags
build_tables:
	mov	edi, PHYS(boot_pd)
	mov	eax, PAGE_PRESENT_WRITE | PAGE_2M
.next:
	mov	[edi], eax			; the upper half stays 0: below 4 GiB
	add	edi, 8
	add	eax, 0x200000
	jnc	.next				; carry: 4 GiB are covered

	mov	edi, PHYS(boot_pdpt_low)
	mov	eax, PHYS(boot_pd) + PAGE_PRESENT_WRITE
	mov	ecx, 4
.low:
	mov	[edi], eax
	add	edi, 8
	add	eax, 4096
	loop	.low

	mov	eax, PHYS(boot_pd) + PAGE_PRESENT_WRITE
	mov	[PHYS(boot_pdpt_high) + 8 * PDPT_INDEX(KERNEL_BASE)], eax

	mov	eax, PHYS(boot_pdpt_low) + PAGE_PRESENT_WRITE
	mov	[PHYS(boot_pml4)], eax
	mov	[PHYS(boot_pml4) + 8 * PML4_INDEX(DIRECT_MAP_BASE)], eax
	mov	eax, PHYS(boot_pdpt_high) + PAGE_PRESENT_WRITE
	mov	[PHYS(boot_pml4) + 8 * PML4_INDEX(KERNEL_BASE)], eax

; The order of SDM vol. 3, "Initializing IA-32e mode": PAE, CR3, LME, PG.
; needs:    EDX from check_cpu, the tables
; gives:    long mode, at start_long
; clobbers: EAX, ECX, EDX, flags
enter_long_mode:
	mov	eax, CR4_PAE
	mov	cr4, eax
	mov	eax, PHYS(boot_pml4)
	mov	cr3, eax

	bt	edx, CPUID_NX
	mov	eax, EFER_LME
	jnc	.no_nx
	or	eax, EFER_NXE
.no_nx:
	mov	ecx, MSR_EFER
	xor	edx, edx
	wrmsr
	mov	eax, CR0_LONG
	mov	cr0, eax			; compatibility mode from here, at the same address

	lgdt	[PHYS(boot_gdtr)]
	jmp	KERNEL_CS:start_long

; needs:    nothing but a reason
; gives:    a line on serial port and screen, and the end
refuse_cpu:
	mov	esi, no_long_mode
	jmp	boot_refuse

; needs:    64-bit mode at the physical address, EBP, ESI
; gives:    goes on at start_high, in the top 2 GiB (boot/start_high.asm)
; clobbers: RAX
bits 64
start_long:
	mov	rax, start_high
	jmp	rax

section .boot.rodata progbits alloc noexec nowrite align=4
no_long_mode:
	db	"paranoid: fatal: this CPU has no 64-bit mode", 13, 10, 0

section .rodata

; The accessed bits are set already: the CPU would write them into a read-only page.
align 8
boot_gdt:
	dq	0
	dq	0x00cf9b000000ffff		; 0x08: 32-bit code, not used
	dq	0x00af9b000000ffff		; KERNEL_CS: 64-bit code
	dq	0x00cf93000000ffff		; KERNEL_DS: data
boot_gdt_end:
	dw	0, 0, 0				; aligns the two bases below
boot_gdtr:
	dw	boot_gdt_end - boot_gdt - 1
	dd	PHYS(boot_gdt)
	dw	0
boot_gdtr_high:
	dw	boot_gdt_end - boot_gdt - 1
	dq	boot_gdt

section .bss.page_aligned nobits alloc noexec write align=4096

; paging_init leaves the guard unmapped: an overflow of the boot stack faults.
boot_stack_guard:  resb 4096
boot_stack_bottom: resb BOOT_STACK_SIZE
boot_stack_top:

boot_pml4:      resb 4096
boot_pdpt_low:  resb 4096
boot_pdpt_high: resb 4096
boot_pd:        resb 4 * 4096

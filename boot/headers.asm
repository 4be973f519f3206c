; SPDX-License-Identifier: MIT
;
; What makes this one ELF image a kernel in the eyes of two kinds of loader.
;
; GRUB looks for a multiboot2 header: a magic number, 8-byte aligned, within the first
; 32 KiB of the file (Multiboot2 specification 2.0, 3.1).  It loads the ELF segments to
; their physical addresses, so no address tag is needed.
;
; QEMU's -kernel and Xen look for an ELF note of the name "Xen" and type 18: the
; physical address of a 32-bit entry point (xen/include/public/elfnote.h, PHYS32_ENTRY).
; There must be no multiboot1 header beside it: QEMU would prefer that one and then
; refuse a 64-bit image.

extern start_pvh

%define MULTIBOOT2_MAGIC 0xe85250d6
%define MULTIBOOT2_I386  0
%define TAG_END          0
%define TAG_INFORMATION  1
%define TAG_FRAMEBUFFER  5
%define TAG_MODULE_ALIGN 6
%define TAG_OPTIONAL     1

%define XEN_ELFNOTE_PHYS32_ENTRY 18

section .multiboot2 progbits alloc noexec nowrite align=8
header:
	dd	MULTIBOOT2_MAGIC
	dd	MULTIBOOT2_I386
	dd	header_end - header
	dd	-(MULTIBOOT2_MAGIC + MULTIBOOT2_I386 + (header_end - header)) & 0xffffffff

	; What we would like to be told.  Optional: a loader that knows less still boots us,
	; and boot/multiboot2.c says in words what is missing.
align 8, db 0
information:
	dw	TAG_INFORMATION, TAG_OPTIONAL
	dd	information_end - information
	dd	1, 3, 6, 8, 14, 15, 17		; command line, modules, memory, screen, ACPI, EFI
information_end:

align 8, db 0
	dw	TAG_FRAMEBUFFER, TAG_OPTIONAL
	dd	20
	dd	0, 0, 32			; any width and height, 32 bits a pixel

	; Modules begin on page boundaries, so that their pages can be freed whole.
align 8, db 0
	dw	TAG_MODULE_ALIGN, TAG_OPTIONAL
	dd	8

align 8, db 0
	dw	TAG_END, 0
	dd	8
header_end:

section .note.Xen note alloc noexec nowrite align=4
	dd	4				; length of the name
	dd	8				; length of the value: QEMU reads 8 bytes
	dd	XEN_ELFNOTE_PHYS32_ENTRY
	db	"Xen", 0
	dq	start_pvh

; SPDX-License-Identifier: MIT
;
; How the boot says no before there is a C environment: one line on COM1 and on VGA
; text, then the failure status for QEMU, then halt.  Never a silent reset.

%include "offsets.inc"

%define COM1       0x3f8
%define COM1_LCR   COM1 + 3
%define COM1_LSR   COM1 + 5
%define LSR_THRE   0x20				; transmitter can take a byte
%define DEBUG_EXIT 0xf4				; QEMU's isa-debug-exit
%define VGA_TEXT   0xb8000
%define VGA_WHITE  0x0f

global boot_refuse

section .boot.text progbits alloc exec nowrite align=16
bits 32

; needs:    ESI = physical address of a zero-terminated line, DF = 0; no stack
; gives:    never returns
boot_refuse:
	mov	dx, COM1_LCR			; 115200 8n1: divisor 1
	mov	al, 0x80
	out	dx, al
	mov	dx, COM1
	mov	al, 1
	out	dx, al
	inc	dx
	xor	eax, eax
	out	dx, al
	mov	dx, COM1_LCR
	mov	al, 3
	out	dx, al
	mov	edi, VGA_TEXT

.next:
	lodsb
	test	al, al
	jz	.end
	mov	bl, al
	mov	ecx, 100000			; a port without a UART must not hold us up
	mov	dx, COM1_LSR
.wait:
	in	al, dx
	test	al, LSR_THRE
	loopz	.wait
	mov	dx, COM1
	mov	al, bl
	out	dx, al
	cmp	al, ' '
	jb	.next				; CR and LF mean nothing to the screen
	mov	ah, VGA_WHITE
	stosw
	jmp	.next

.end:
	mov	al, END_FATAL
	out	DEBUG_EXIT, al
.forever:
	cli
	hlt
	jmp	.forever

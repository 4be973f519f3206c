; SPDX-License-Identifier: MIT
;
; A fake kernel of a page: it ends in the way that its command line asks for, so that
; the host side (run-qemu.sh, the runner) is tested without trusting the real kernel.
;
;   stub=off  prints "out" on COM1 and the closing line on COM2, status 7
;   stub=plain  the same, all of it on COM1
;   stub=echo sends COM1's input back until Ctrl-D, then as stub=off
;   stub=panic, stub=fatal  the two failure values of kernel/debug/machine_end.h
;   stub=reset  a triple fault        stub=hang  sleeps for ever
;
; 32-bit code: PVH (EBX = start_info, the command line's address at +0x18) enters with
; protected mode on and paging off.

	bits 32
	section .note.Xen note
	dd 4, 4, 18		; XEN_ELFNOTE_PHYS32_ENTRY
	db "Xen", 0
	dd start

	section .text
	global start
start:
	mov esp, stack_top
	mov esi, [ebx + 0x18]
find:	lodsb			; the letter after "stub="
	test al, al
	jz hang
	cmp al, '='
	jne find
	lodsb
	cmp al, 'o'
	je off
	cmp al, 'e'
	je echo
	mov edx, 0x3f8
	cmp dword [esi - 1], 'plai'
	je plain
	mov dl, 0x21
	cmp al, 'p'
	je leave
	mov dl, 0x22
	cmp al, 'f'
	je leave
	cmp al, 'r'
	jne hang
	lidt [no_idt]		; a limit of 0: the first exception ends in a triple fault
	ud2

hang:	cli
	hlt
	jmp hang

echo:	mov esi, ready
	mov dx, 0x2f8
	call print
.next:	mov dx, 0x3fd		; line status: bit 0 = a byte is there
	in al, dx
	test al, 1
	jz .next
	mov dx, 0x3f8
	in al, dx
	cmp al, 4
	je off
	out dx, al
	jmp .next

off:	mov esi, output
	mov dx, 0x3f8
	call print
	mov dx, 0x2f8
plain:	mov esi, closing
	call print
	mov dl, 0x20
leave:	mov al, dl
	out 0xf4, al
	jmp hang

print:	lodsb			; ESI: text, DX: port
	test al, al
	jz .end
	out dx, al
	jmp print
.end:	ret

	section .data
no_idt:	dw 0
	dd 0
ready:	db "ready", 10, 0
output:	db "out", 10, 0
closing: db "power off, status 7", 10, 0

	section .bss
	resb 4096
stack_top:

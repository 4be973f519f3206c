; SPDX-License-Identifier: MIT
;
; A system call of a 32-bit program with R8-R15 loaded before and stored after it, by way of the
; 64-bit code segment.

bits 32

global enter_high, high_before, high_after, high_door

%macro WIDE 0			; to 64-bit code ...
	jmp	0x33:%%wide
bits 64
%%wide:
%endmacro

%macro NARROW 0			; ... and back
	jmp	far dword [abs %%back]
[section .data]
%%back:	dd %%narrow
	dw 0x23
__SECT__
bits 32
%%narrow:
%endmacro

section .text

; Takes registers as __kernel_vsyscall does.
enter_high:
	WIDE
%assign i 0
%rep 8
	mov	r %+ %eval(8 + i), [abs high_before + 8 * i]
%assign i i + 1
%endrep
	NARROW
	call	[high_door]
	WIDE
%assign i 0
%rep 8
	mov	[abs high_after + 8 * i], r %+ %eval(8 + i)
%assign i i + 1
%endrep
	NARROW
	ret

section .data
high_door: dd 0

section .bss
alignb 8
high_before: resq 8
high_after:  resq 8

section .note.GNU-stack noalloc noexec nowrite progbits

; SPDX-License-Identifier: MIT
;
; The ways back from a signal handler, 32 bit: the old frame and the rt frame.

bits 32

global rt_restorer, old_restorer, raw_rt_sigreturn, raw_old_sigreturn

section .text

; needs: ESP behind the frame's return address.
raw_rt_sigreturn:		; [esp + 4]: what ESP is to be
	mov	esp, [esp + 4]
rt_restorer:
	mov	eax, 173	; rt_sigreturn
	int	0x80
	ud2

; needs: the same; the signal's number is popped as well, as Linux's own trampoline does.
old_restorer:
	pop	eax
old:	mov	eax, 119	; sigreturn
	int	0x80
	ud2

raw_old_sigreturn:		; [esp + 4]: what ESP is to be, behind the signal's number
	mov	esp, [esp + 4]
	jmp	old

section .note.GNU-stack noalloc noexec nowrite progbits

; SPDX-License-Identifier: MIT
;
; The ways back from a signal handler, 64 bit: there is one kind of frame.

bits 64
default rel

global rt_restorer, old_restorer, raw_rt_sigreturn

section .text

; needs: RSP behind the frame's return address.
raw_rt_sigreturn:		; rdi: what RSP is to be
	mov	rsp, rdi
rt_restorer:
old_restorer:
	mov	eax, 15		; rt_sigreturn
	syscall
	ud2

section .note.GNU-stack noalloc noexec nowrite progbits

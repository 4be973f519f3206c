; SPDX-License-Identifier: MIT
;
; Exceptions before the machine is set up
;
; From the first C instruction until a CPU's real tables are loaded there is no struct percpu, no
; IST stack and no thread.  The doors proper must not be used then: paranoid_entry would read its GS
; word from whatever lies at RSP & -IST_SIZE (spec 2.3 g).  These stubs touch nothing but the stack
; they are on; the C function prints one line and ends the machine.
;
; NMI returns: it is nobody's fault, and the CPU that starts cannot tell what it means (R2.28).

%include "entry/frame.inc"

extern early_exception

%define VECTOR_NMI 2

global entry_early_vectors
section .rodata
align 8
entry_early_vectors:
%assign vector 0

section .entry.text progbits alloc exec nowrite align=64

; needs     any valid stack, ring 0
; gives     does not return, but for NMI: the interrupted instruction goes on
%rep 32
early_stub_ %+ vector:
 %if vector = VECTOR_NMI
	CFI_DOOR
	iretq
 %else
  %if HAS_ERROR_CODE(vector)
	CFI_DOOR 6
  %else
	CFI_DOOR
	push	0
  %endif
	PUSH_REGS
	mov	rdi, rsp
	mov	esi, vector
	cld
	call	early_exception
	ud2
 %endif
	VECTOR	early_stub_ %+ vector
%endrep
	CFI_END

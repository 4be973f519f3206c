; SPDX-License-Identifier: MIT
;
; Extended state to and from user memory.  kernel/mm/user_xstate.c has checked the range.
;
; Each fault in here ends at .fix: page faults that no mapping satisfies, and the #GP of an image
; that the CPU does not accept (SDM vol. 1, 13.8.1; SIG-3).  As in usercopy.asm, AC is set exactly
; from STAC to CLAC on every path.
%include "offsets.inc"
%include "entry/alternative.inc"
%include "entry/cfi.inc"
%include "entry/extable.inc"

section .text
	CFI_FUNCTION				; all of them: nothing here touches the stack

%macro OPEN 0
	ONLY_IF FEATURE_SMAP, stac
%endmacro

; The common end: 0, or 1 after a fault.
%macro CLOSE_AND_RETURN 0
	xor	eax, eax
.done:	ONLY_IF FEATURE_SMAP, clac
	ret
.fix:	mov	eax, 1
	jmp	.done
%endmacro

; int user_xsave(void *to).  x87 and SSE are marked as present even if they are in their
; initial state: programs change these parts of the image without knowing of XSTATE_BV.
global user_xsave
user_xsave:
	OPEN
	mov	eax, -1
	mov	edx, eax
.save:	xsave64	[rdi]
.mark:	or	qword [rdi + 512], 3
	CLOSE_AND_RETURN
	EXTABLE .save, .fix
	EXTABLE .mark, .fix

; int user_xrstor(const void *from, uint64_t mask)
global user_xrstor
user_xrstor:
	OPEN
	mov	eax, esi
	mov	rdx, rsi
	shr	rdx, 32
.load:	xrstor64 [rdi]
	CLOSE_AND_RETURN
	EXTABLE .load, .fix

; int user_fxsave(void *to)
global user_fxsave
user_fxsave:
	OPEN
.save:	fxsave64 [rdi]
	CLOSE_AND_RETURN
	EXTABLE .save, .fix

; int user_fxrstor(const void *from)
global user_fxrstor
user_fxrstor:
	OPEN
.load:	fxrstor64 [rdi]
	CLOSE_AND_RETURN
	EXTABLE .load, .fix

; int user_fnsave(void *to): the status word and "FXSAVE image follows" (0) come behind the image.
; They are written first, because FNSAVE changes what it has saved.
global user_fnsave
user_fnsave:
	OPEN
	xor	eax, eax
	fnstsw	ax
.status: mov	[rdi + 108], eax
.save:	fnsave	[rdi]
	CLOSE_AND_RETURN
	EXTABLE .status, .fix
	EXTABLE .save, .fix

; int user_frstor(const void *from).  FNINIT: a pending x87 exception would be raised by FRSTOR.
global user_frstor
user_frstor:
	OPEN
	fninit
.load:	frstor	[rdi]
	CLOSE_AND_RETURN
	EXTABLE .load, .fix

	CFI_END

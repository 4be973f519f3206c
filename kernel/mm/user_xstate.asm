; SPDX-License-Identifier: MIT
;
; Extended state to and from user memory.  kernel/mm/user_xstate.c has checked the range.
;
; Each fault in here ends at .fix: page faults that no mapping satisfies, and the #GP of an image
; that the CPU does not accept (SDM vol. 1, 13.8.1; SIG-3).  As in usercopy.asm, AC is set exactly
; from STAC to CLAC on every path.
%include "offsets.inc"
%include "kernel/cpu/alternative.inc"
%include "entry/cfi.inc"
%include "kernel/mm/extable.inc"

section .text
	CFI_FUNCTION				; all of them: nothing here touches the stack

%macro OPEN 0
	ONLY_IF FEATURE_SMAP, stac
%endmacro

; The common end: 0, or -EFAULT after a fault.
%macro CLOSE_AND_RETURN 0
	xor	eax, eax
.done:	ONLY_IF FEATURE_SMAP, clac
	ret
.fix:	mov	eax, -EFAULT
	jmp	.done
%endmacro

; int user_xsave(void *to, const struct xsave_middle *middle, size_t size, uint32_t end_word).  x87
; and SSE are marked as present even if they are in their initial state: programs change these parts
; of the image without knowing of XSTATE_BV.
global user_xsave
user_xsave:
	OPEN
.end:	mov	[rdi + rdx], ecx
	mov	r8, rdi
	add	rdi, XSAVE_MIDDLE_OFFSET
	mov	ecx, XSAVE_MIDDLE_SIZE / 8
.copy:	rep movsq
	mov	eax, -1
	mov	edx, eax
.save:	xsave64	[r8]
.mark:	or	qword [r8 + 512], 3
	CLOSE_AND_RETURN
	EXTABLE .end, .fix
	EXTABLE .copy, .fix
	EXTABLE .save, .fix
	EXTABLE .mark, .fix

; int user_xsave_check(struct xsave_check *to, const void *from, size_t size)
global user_xsave_check
user_xsave_check:
	OPEN
.end:	mov	eax, [rsi + rdx]
	mov	[rdi + XSAVE_CHECK_end_word], eax
	add	rsi, XSAVE_MIDDLE_OFFSET
	mov	ecx, XSAVE_CHECK_end_word / 8
.copy:	rep movsq
	CLOSE_AND_RETURN
	EXTABLE .end, .fix
	EXTABLE .copy, .fix

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

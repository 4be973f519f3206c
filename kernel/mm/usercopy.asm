; SPDX-License-Identifier: MIT
;
; The instructions that touch user memory, and nothing else (SMAP-1).  kernel/mm/usercopy.c has
; checked that the range lies below TASK_SIZE_MAX, so the only fault that can come is a page fault;
; its handler first lets mm_fault() try, and goes to the fix-up here if that does not help.
;
; SMAP is open (AC set) exactly from STAC to CLAC.  A fault keeps AC in the saved flags and
; clears it for the handler, and the return to the fix-up gives it back: so each fix-up, too,
; ends with CLAC.
;
; Bulk goes by MOVSQ, not by MOVSB with ERMS: processors that have fast byte strings
; run quadwords as fast, and where instructions are counted or emulated it is an eighth.
%include "offsets.inc"
%include "kernel/cpu/alternative.inc"
%include "entry/cfi.inc"
%include "kernel/mm/extable.inc"

section .text
	CFI_FUNCTION				; all of them: nothing here touches the stack

%macro OPEN 0
	ONLY_IF FEATURE_SMAP, stac
%endmacro

%macro CLOSE 0
	ONLY_IF FEATURE_SMAP, clac
%endmacro

; size_t user_copy(void *to, const void *from, size_t n): bytes that were not copied.
; One side is user memory.  After a fault among the words, the rest goes byte by byte, which
; finds the first byte that cannot be reached: partial reads and writes are exact.
global user_copy
user_copy:
	OPEN
	mov	rcx, rdx
	shr	rcx, 3
	and	edx, 7
.words:	rep movsq
	mov	ecx, edx
.bytes:	rep movsb
.done:	CLOSE
	mov	rax, rcx
	ret
.fix:	lea	rcx, [rdx + rcx * 8]
	jmp	.bytes
	EXTABLE .words, .fix
	EXTABLE .bytes, .done

; size_t user_clear(void *to, size_t n): bytes that were not cleared.
global user_clear
user_clear:
	OPEN
	xor	eax, eax
	mov	rcx, rsi
	mov	edx, esi
	shr	rcx, 3
	and	edx, 7
.words:	rep stosq
	mov	ecx, edx
.bytes:	rep stosb
.done:	CLOSE
	mov	rax, rcx
	ret
.fix:	lea	rcx, [rdx + rcx * 8]
	jmp	.bytes
	EXTABLE .words, .fix
	EXTABLE .bytes, .done

; long user_string(char *to, const char *from, size_t n): bytes before the NUL; n: no NUL among
; n bytes; -1: fault.  n > 0.
global user_string
user_string:
	OPEN
	xor	eax, eax
.load:	mov	cl, [rsi + rax]
	mov	[rdi + rax], cl
	test	cl, cl
	jz	.done
	inc	rax
	cmp	rax, rdx
	jb	.load
.done:	CLOSE
	ret
.fix:	mov	rax, -1
	jmp	.done
	EXTABLE .load, .fix

; int user_load_32/64(uintN_t *to, const void *from): 0, or 1 after a fault, *to untouched.
%macro USER_LOAD 2
global user_load_%1
user_load_%1:
	OPEN
	xor	eax, eax
.load:	mov	%2, [rsi]
	mov	[rdi], %2
.done:	CLOSE
	ret
.fix:	mov	eax, 1
	jmp	.done
	EXTABLE .load, .fix
%endmacro

	USER_LOAD 32, ecx
	USER_LOAD 64, rcx

; int user_store_32/64(void *to, uintN_t value): 0, or 1 after a fault.
%macro USER_STORE 2
global user_store_%1
user_store_%1:
	OPEN
	xor	eax, eax
.store:	mov	[rdi], %2
.done:	CLOSE
	ret
.fix:	mov	eax, 1
	jmp	.done
	EXTABLE .store, .fix
%endmacro

	USER_STORE 32, esi
	USER_STORE 64, rsi

; int user_cmpxchg_32(uint32_t *old, void *addr, uint32_t expected, uint32_t desired): 0, or 1
; after a fault; *old gets what was there.
global user_cmpxchg_32
user_cmpxchg_32:
	OPEN
	mov	eax, edx
.swap:	lock cmpxchg [rsi], ecx
	mov	[rdi], eax
	xor	eax, eax
.done:	CLOSE
	ret
.fix:	mov	eax, 1
	jmp	.done
	EXTABLE .swap, .fix

	CFI_END

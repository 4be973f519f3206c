; SPDX-License-Identifier: MIT
;
; The one place that loads ES, DS, FS and GS for user mode (sched/segments.h).  It lies in the entry
; text, for in the middle of it GS is the user's although CS says kernel.

%include "offsets.inc"
%include "entry/cfi.inc"
%include "kernel/mm/extable.inc"

section .entry.text progbits alloc exec nowrite align=64

; void load_user_segments(const struct thread_segments *seg): ES, DS, FS and GS on behalf of user
; mode.
;
; Each load can fault, because the descriptor may have been removed from the LDT or the TLS slots.
; It then lands beside it, where the register gets the null selector, which always loads.
;
; needs     RDI = segments, interrupts off, kernel GS
; gives     the four registers and their hidden parts from the descriptors; 0 where there is none
; clobbers  EAX, RDI
global load_user_segments
load_user_segments:
	CFI_FUNCTION
.load_es:
	mov	es, [rdi + SEGMENTS_es]
.load_ds:
	mov	ds, [rdi + SEGMENTS_ds]
.load_fs:
	mov	fs, [rdi + SEGMENTS_fs]
.all_but_gs:
	movzx	edi, word [rdi + SEGMENTS_gs]
	jmp	load_gs_index
.bad_es:
	xor	eax, eax
	mov	es, eax
	jmp	.load_ds
.bad_ds:
	xor	eax, eax
	mov	ds, eax
	jmp	.load_fs
.bad_fs:
	xor	eax, eax
	mov	fs, eax
	jmp	.all_but_gs
EXTABLE .load_es, .bad_es
EXTABLE .load_ds, .bad_ds
EXTABLE .load_fs, .bad_fs

; void load_gs_index(uint16_t selector): MOV to GS on behalf of user mode.
;
; Loading a selector changes the active base, and the active base is the kernel's: so the user's is
; made active around the load.  The load can fault - the descriptor may have been removed - and then
; lands at .bad.
;
; needs     DI = selector, interrupts off, kernel GS
; gives     GS and the user's base loaded from the descriptor; both 0 if it is gone
; clobbers  EAX, RDI
global load_gs_index
load_gs_index:
	swapgs
global gs_load_site
gs_load_site:
	mov	gs, edi
.loaded:
	swapgs
.kernel_gs:
	ret
.bad:
	swapgs					; exception_common had swapped to kernel GS
.user_gs_again:
	xor	eax, eax
	mov	gs, eax				; the null selector always loads
	jmp	.loaded
	CFI_END
EXTABLE gs_load_site, .bad

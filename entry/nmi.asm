; SPDX-License-Identifier: MIT
;
; NMI: the door that cannot be locked
;
; Who arrives here.  Anybody at any instruction, as with #DB, but interrupts-off is no protection.
; The CPU blocks further NMIs until the next IRET and remembers one (SDM vol. 3, 6.7.1).  The next
; IRET *whoever executes it*: an exception inside the handler - a breakpoint, a page fault, a
; machine check - ends with one, and from then on the next NMI may come, although the handler has
; not finished.  The CPU puts its frame at the top of the same IST stack.
;
; From user mode there is no problem: the handler runs on the thread's stack, so the IST stack is
; free again before anything can open the window, and the C function sees that it already runs
; (kernel/cpu/nmi.c).  Only RDX is parked on the IST stack; it must not hold the user's registers in
; the places that mean something below.  The way out is return_to_user_iret *without* exit work, for
; interrupts on while NMIs are blocked is a bad state.  Its IRETQ may fault as any other (RET-2).
;
; From the kernel the handler runs on the IST stack, and the stack is laid out so that a second
; arrival does no harm:
;
;	  top  +-----------------+
;	       | ss ... rip      |  5 words, by the CPU, overwritten by every new arrival
;	       | RDX             |  scratch of whoever has just arrived
;	       | state           |  0: nobody below; NMI_RUNS; NMI_WILL_RUN
;	       | ss ... rip      |  "iret": what the handler's IRETQ will load
;	       | ss ... rip      |  "outermost": the first arrival's; with what follows a pt_regs
;	       | 0, rdi ... r15  |
;	  RSP  +-----------------+  <- struct pt_regs *
;
; The first arrival copies the CPU's frame to "outermost" and from there to "iret".  One that finds
; NMI_RUNS only rewrites "iret": kernel code, nmi_repeat.  So the handler, when it is done, goes to
; nmi_repeat instead of home; there the "iret" frame is made anew, and the handler runs for the NMI
; that came meanwhile.  One that finds NMI_WILL_RUN returns at once, also one in nmi_repeat, where
; NMIs are open after an IRETQ.  However many come while one is handled, it runs once more (NMI-2).
;
; The last instruction, nmi_iret, runs with state 0 and still needs "iret": an arrival there is
; known by its RIP.  That is safe to ask, for a kernel CS comes with a RIP of the kernel's choice.
; RSP would not be: SYSCALL leaves the user's in place, and he may have pointed it here
; (CVE-2015-3291), so RSP proves nothing (R2.24).
;
; What remains (NMI-1).  Between entry_NMI and nmi_repeat, and on the way out of here for one from
; user mode, the CPU's frame is the only copy of who was interrupted.  No NMI comes there unless a
; #DB or #MC comes first and opens the window with its IRETQ, or the machine forgets that NMIs are
; blocked (docs/DECISIONS.md names an emulator that does).  Hence: nothing sets a breakpoint in
; entry text, and whoever interrupts these lines all the same has overwritten that frame.  He must not
; return, for the other one would then take this frame for its own, return to itself, and so for
; ever.  He goes the way of a first arrival, whatever the state, and nmi_handler looks at RIP and
; panics.  What he writes over on the stack nobody needs any more:
;
;	RIP                             state          goes to
;	entry_NMI ... nmi_repeat        any            nmi_first, to panic
;	nmi_from_user ... stack_left    0              nmi_first, to panic
;	nmi_iret                        0              nmi_nested
;	anywhere else in the kernel     0              nmi_first
;	                                NMI_RUNS       nmi_nested
;	                                NMI_WILL_RUN   nmi_merged
;
; Not seen: an NMI inside a #MC at nmi_iret, if NMIs were open by then.  IST cannot do better.

%include "entry/frame.inc"
%include "entry/paranoid.inc"

extern paranoid_entry, return_to_user_iret, nmi_handler

; Distances on that stack, in words from the bottom of the "outermost" frame.
%define OUTERMOST_SS   (4 * 8)
%define IRET_FRAME     (5 * 8)
%define NMI_RUNS       1
%define NMI_WILL_RUN   2
%define SAVED_RDX      (11 * 8)
%define HARDWARE_SS    (16 * 8)

section .entry.text progbits alloc exec nowrite align=64

; needs     NMI stack, NMIs blocked
; gives     the interrupted instruction goes on, all registers and GS as they were
global entry_NMI
entry_NMI:
	CFI_DOOR
	push	rdx
	test	byte [rsp + 16], 3		; CS
	jnz	nmi_from_user

.from_kernel:
	cmp	qword [rsp - 8], 0		; state
	jne	nmi_in_nmi
	lea	rdx, [nmi_iret]
	cmp	[rsp + 8], rdx			; RIP
	je	nmi_nested
	jmp	nmi_first

; A handler is not done.  First: is the interrupted code one that still needed the CPU's frame?
nmi_in_nmi:
	lea	rdx, [entry_NMI]
	cmp	[rsp + 8], rdx
	jb	.nothing_lost
	lea	rdx, [nmi_repeat]
	cmp	[rsp + 8], rdx
	jb	nmi_first			; to panic: NMI-1
.nothing_lost:
	cmp	qword [rsp - 8], NMI_WILL_RUN
	je	nmi_merged

; The handler has begun, or is at nmi_iret.  RSP is at the newcomer's RDX.
nmi_nested:
	lea	rdx, [rsp - SAVED_RDX]		; where nmi_repeat wants RSP
	push	NMI_WILL_RUN
	push	KERNEL_DS
	push	rdx
	pushfq
	push	KERNEL_CS
	lea	rdx, [nmi_repeat]
	push	rdx
	add	rsp, 8 + IRET_FRAME
	CFI_GROW -6
global nmi_merged
nmi_merged:
	pop	rdx
	iretq					; to the first one

nmi_first:
	CFI_DOOR
	CFI_PUSHED rdx
	push	NMI_WILL_RUN
	sub	rsp, IRET_FRAME			; "iret" is filled in below
	CFI_GROW 5
	%rep 5
	push	qword [rsp + HARDWARE_SS - OUTERMOST_SS - 8]
	%endrep
	mov	rdx, [rsp + SAVED_RDX]

; Everything that this needs lies at and above RSP, in the first pass and in any other.
;
; needs     RSP at "outermost"; state NMI_WILL_RUN; all other registers as interrupted
global nmi_repeat
nmi_repeat:
	CFI_DOOR
	add	rsp, NMI_STATE
	CFI_GROW -10
	%rep 5
	push	qword [rsp + OUTERMOST_SS - NMI_STATE]
	%endrep
	sub	rsp, IRET_FRAME
	CFI_GROW 5
	mov	qword [rsp + NMI_STATE], NMI_RUNS
	push	-1				; orig_rax: no system call, nothing to restart
	PUSH_REGS
	ZERO_REGS
	cld
	ONLY_IF FEATURE_SMAP, clac

	; nmi=early on the command line opens the window now, as if every handler took an exception.
	ALTERNATIVE
		jmp	nmi_window_closed
	ALTERNATIVE_IF FEATURE_NMI_EARLY
	ALTERNATIVE_END
nmi_window_opens:
	mov	rdx, rsp
	push	KERNEL_DS
	push	rdx
	pushfq
	push	KERNEL_CS
	lea	rdx, [nmi_window_closed]
	push	rdx
	iretq
nmi_window_closed:
	CFI_GROW -5
	call	paranoid_entry
.kernel_gs:
	mov	rdi, rsp
	mov	rsi, rbx
	call	nmi_handler

	RESTORE_GS
	POP_REGS
	add	rsp, 8 + IRET_FRAME		; orig_rax and "outermost"
	CFI_GROW -6
	and	qword [rsp + NMI_STATE - IRET_FRAME], NMI_WILL_RUN ; 0 unless for nmi_repeat
global nmi_iret, nmi_from_user, nmi_stack_left
nmi_iret:
	iretq

; The five words go to the thread's stack, which is empty.
nmi_from_user:
	CFI_DOOR
	CFI_PUSHED rdx
	swapgs
.kernel_gs:
	ONLY_IF FEATURE_FENCE_SWAPGS, lfence
	mov	rdx, rsp
	CFI_CFA rdx, 6
	mov	rsp, [gs:PERCPU_kernel_stack]
.on_thread_stack:
	push	qword [rdx + 5 * 8]		; ss
	push	qword [rdx + 4 * 8]		; rsp
	push	qword [rdx + 3 * 8]		; rflags
	push	qword [rdx + 2 * 8]		; cs
	push	qword [rdx + 1 * 8]		; rip
	push	-1				; orig_rax: no system call, nothing to restart
	mov	rdx, [rdx]
nmi_stack_left:				; from here on another NMI may have it
	CFI_DOOR 6
	PUSH_REGS
	ZERO_REGS
	cld
	ONLY_IF FEATURE_SMAP, clac
	mov	rdi, rsp
	call	nmi_handler
	jmp	return_to_user_iret
	CFI_END

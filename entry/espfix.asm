; SPDX-License-Identifier: MIT
;
; espfix: the way back to a stack segment that may be 16 bits wide
;
; The leak.  A program may make a 16-bit data segment in its LDT and load SS with it.  IRETQ to
; compatibility mode then loads SP, 16 bits, from the frame, and leaves bits 31:16 of ESP as they
; are in RSP (SDM vol. 2, IRET; measured: spec 10).  RSP is the kernel's, so the program reads half
; of a kernel address, and finds its own half gone.
;
; The cure (RET-3).  IRETQ has to execute with an RSP whose bits 31:16 are the user's already.
; Nothing demands that RSP is a thread's stack at that moment: it only has to point at the five
; words.  So each CPU has one page for them, and that page is mapped 65,536 times, 64 KiB apart,
; once for each value that the user's bits 31:16 can have (kernel/cpu/espfix.c):
;
;	63                  32 31           16 15            0
;	+---------------------+---------------+---------------+
;	| ESPFIX_BASE + group | the user's    | this CPU's    |   RSP at iret_to_user_espfix
;	+---------------------+---------------+---------------+
;	   stays in RSP, which   kept by IRETQ   replaced by
;	   32-bit code lacks                     the user's SP
;
; The aliases are read-only, or the exceptions of IRETQ would push their frames over another
; CPU's words, which are written through the direct map.  They need no lock: interrupts are off, and
; an NMI, #DB or #MC from the kernel goes back by its own IST stack and never comes here.
;
; Who comes here.  Every frame whose SS lies in the LDT (bit 2, TI), and no other: the GDT has no
; 16-bit segments (set_thread_area refuses them, CVE-2014-8133), and SYSRET wants the flat SS.  Code
; that is 64-bit loads all of RSP from the frame and loses nothing by the detour.
;
; When that IRETQ faults - the descriptor has been removed, or was never fit for SS - the CPU cannot
; push #GP, #SS or #NP onto a read-only page.  That makes it a double fault (CVE-2014-9090), on a
; stack of its own.  exc_double_fault() knows the address of the instruction, and turns the event
; into the #GP that would have come from user mode, had the CPU looked at SS there: it puts the five
; words onto the thread's stack as #GP's frame, and lets paranoid_exit return to entry_GP.  User GS
; is live again then, as #GP from user mode expects; the error code is lost.

%include "entry/frame.inc"

%define ESPFIX_ALIAS_BITS 0xffff0000

section .entry.text progbits alloc exec nowrite align=64

; needs     RSP = struct pt_regs * at the top of the thread's stack, interrupts off, kernel GS
; gives     user mode, all registers from the frame; ESP too, whatever the width of SS
global return_to_user_espfix
return_to_user_espfix:
	CFI_REGS
	mov	rdi, [gs:PERCPU_espfix_words]	; RIP, CS, RFLAGS, RSP, SS to where IRETQ will look
	mov	rax, [rsp + REGS_rip]
	mov	[rdi], rax
	mov	rax, [rsp + REGS_cs]
	mov	[rdi + 8], rax
	mov	rax, [rsp + REGS_rflags]
	mov	[rdi + 16], rax
	mov	rax, [rsp + REGS_rsp]
	mov	[rdi + 24], rax
	mov	rcx, [rsp + REGS_ss]
	mov	[rdi + 32], rcx

	and	eax, ESPFIX_ALIAS_BITS		; the alias with the user's half: zero-extended
	or	rax, [gs:PERCPU_espfix_alias]
	mov	[rsp + REGS_orig_rax], rax	; the slot that POP_REGS leaves RSP at
	POP_REGS
	swapgs
.user_gs:
	pop	rsp
	CFI_DOOR
global iret_to_user_espfix
iret_to_user_espfix:
	iretq					; RET-2: may fault; see exc_double_fault
	CFI_END

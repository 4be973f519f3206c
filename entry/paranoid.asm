; SPDX-License-Identifier: MIT
;
; #DB, #MC, #DF: the doors that believe nothing
;
; Who arrives here.  Anybody, at any instruction: user mode, kernel code, and the gaps - the first
; instructions of every door before its SWAPGS, the last ones of every exit after it, MOV GS in
; load_gs_index, the window in which the inactive GS base is accessed, another of these very
; handlers before it has sorted out its own GS.  In all of them CS says kernel and GS is the user's.
; And with FSGSBASE the user may have loaded his GS base with any value, this CPU's own kernel value
; included: looking at GS proves nothing either.
;
; What can be relied on.  The IDT gives each of these vectors an IST stack of its own: IST_SIZE
; bytes, aligned to IST_SIZE, an unmapped guard below, and in its lowest word this CPU's kernel GS
; base (IST-1).  So the kernel's GS can be had without knowing what GS is now:
;
;	      top  +-----------------+  aligned to IST_SIZE
;	           | ss              |  pushed by the CPU
;	           | rsp             |
;	           | rflags          |
;	           | cs              |
;	           | rip             |
;	           | orig_rax        |  error code by the CPU (#DF), or -1 by the stub
;	           | rdi ... r15     |  by the stub
;	      RSP  +-----------------+  <- struct pt_regs *
;	           |   C handler     |
;	           |       ...       |
;	  bottom+8 | IST_MAGIC       |
;	  bottom   | kernel GS base  |  found by RSP & -IST_SIZE
;	           +-----------------+
;	           |  guard, no page |
;
; The tristate (GS-3).  Coming from kernel code, one of three things has to happen to GS, and on
; exit to be undone:
;
;	              entry                               exit
;	FSGSBASE      RBX := old base, base := kernel's   base := RBX      always: "restore"
;	no FSGSBASE   base negative:  EBX := 1            nothing          "nothing"
;	              base positive:  SWAPGS, EBX := 0    SWAPGS           "swapgs"
;
; Without FSGSBASE user mode cannot make its base negative (arch_prctl refuses, a descriptor holds
; 32 bits), so the sign tells.  With it the sign says nothing, and saving and restoring the value is
; right whatever it was.  Which row is meant is a feature of the CPU, patched in at boot: no
; register carries a marker for it.
;
; From user mode none of this is needed: CS is trusted, the frame moves to the thread's stack, and
; the event is handled like a plain exception - it may sleep, raise signals, be preempted (R2.5) -
; while the IST stack is free again (R2.6).  #DF alone never trusts anything.
;
; On the way out nothing is decided anew: no signals, no scheduling, no per-CPU data after GS is
; restored (R2.34).

%include "entry/frame.inc"
%include "entry/paranoid.inc"

extern return_from_exception, exc_double_fault
extern exc_debug_user, exc_debug_kernel, exc_machine_check_user, exc_machine_check_kernel

section .entry.text progbits alloc exec nowrite align=64

; needs     IST stack, RSP strictly inside (a return address and a frame lie above it)
; gives     kernel GS; RBX = old base with FSGSBASE, else 1 = GS was the kernel's, 0 = swapped
; clobbers  RAX, RCX, RDX, flags
global paranoid_entry
paranoid_entry:
	CFI_FUNCTION
	ALTERNATIVE
		jmp	.legacy
	ALTERNATIVE_IF FEATURE_FSGSBASE
	ALTERNATIVE_END

.fsgsbase:
	rdgsbase rbx
	mov	rax, rsp
	and	rax, -IST_SIZE
	mov	rax, [rax]			; the word at the bottom: this CPU's kernel GS base
	wrgsbase rax				; unconditional: no branch, no fence (spec 2.2)
.fsgsbase_kernel_gs:
	ret

.legacy:
	mov	ecx, MSR_GS_BASE
	rdmsr					; EDX: upper half
	mov	ebx, 1
	test	edx, edx
	js	.is_kernel
.is_user:
	swapgs
.swapped:
	xor	ebx, ebx
.is_kernel:
	ONLY_IF FEATURE_FENCE_SWAPGS, lfence	; both outcomes pass it (c07e45553da1 forgot one)
	ret

; needs     RSP = struct pt_regs * on the IST stack, interrupts off, RBX from paranoid_entry
; gives     the interrupted instruction goes on with its own GS
paranoid_exit:
	CFI_REGS
	RESTORE_GS
	POP_REGS
	add	rsp, 8				; error code
	CFI_GROW -1
	iretq

; The hop: from the IST stack to the thread's, for events from user mode.  The thread's stack is
; empty, for it was in user mode.
;
; needs     RSP at a return address, above it struct pt_regs; kernel GS
; gives     RSP = RDI = struct pt_regs * at the top of the thread's stack
; clobbers  RAX, RCX, RSI
global hop_to_thread_stack
hop_to_thread_stack:
	CFI_FUNCTION
	pop	rax				; return address
	CFI_RULE DW_CFA_register, DWARF_ip, DWARF_rax
	mov	rsi, rsp
	mov	rdi, [gs:PERCPU_kernel_stack]
	sub	rdi, REGS_SIZE
	mov	ecx, REGS_SIZE / 8
	mov	rsp, rdi
.on_thread_stack:				; from here an event of the same vector may have the
	; The CFA: RCX words of the frame still lie above RSI.
	CFI_RULE DW_CFA_def_cfa_expression, 8, DW_OP_breg + DWARF_rsi, SLEB(-REGS_SIZE), \
		 DW_OP_breg + DWARF_rcx, 0, DW_OP_lit3, DW_OP_shl, DW_OP_plus
	rep	movsq				; IST stack: interrupts are off, and nothing up to
	CFI_CFA rsp, 0
	mov	rdi, rsp			; the copy's end raises one: no breakpoints
	jmp	rax

; #DB: single step, breakpoints.  #MC: machine check.  Neither has an error code.
;
;	%1 name of the door, %2 C function for events from user mode, %3 for those from the kernel
%macro IST_DOOR 3
global %1
%1:
	CFI_DOOR
	push	-1				; orig_rax: no system call, nothing to restart
	PUSH_REGS
	ZERO_REGS
	cld
	ONLY_IF FEATURE_SMAP, clac
	test	byte [rsp + REGS_cs], 3
	jnz	.from_user

.from_kernel:
	call	paranoid_entry
.kernel_gs:
	mov	rdi, rsp
	mov	rsi, rbx
	call	%3
	jmp	paranoid_exit
.from_user:
	swapgs
.from_user_kernel_gs:
	ONLY_IF FEATURE_FENCE_SWAPGS, lfence
	call	hop_to_thread_stack
.hopped:
	call	%2
.called:
	jmp	return_from_exception
%endmacro

	IST_DOOR entry_DB, exc_debug_user, exc_debug_kernel
	IST_DOOR entry_MC, exc_machine_check_user, exc_machine_check_kernel

; #DF: double fault.  The CPU pushed error code 0.
; The handler names the stack that overflowed, or prints what it has, and the machine ends - but for
; an IRETQ that could not load a stack segment of the LDT (entry/espfix.asm): then the frame now
; leads to entry_GP, with the user's GS.
global entry_DF
entry_DF:
	CFI_DOOR 6
	PUSH_REGS
	ZERO_REGS
	cld
	ONLY_IF FEATURE_SMAP, clac
	call	paranoid_entry
.kernel_gs:
	mov	rdi, rsp
	mov	rsi, rbx
	call	exc_double_fault
	jmp	paranoid_exit
	CFI_END

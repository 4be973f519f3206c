; SPDX-License-Identifier: MIT
;
; SYSCALL: the 64-bit door
;
; Who arrives here.  Ring 3, always: SYSCALL is the only thing that loads LSTAR into RIP, and
; kernel code never executes it.  So SWAPGS needs no condition and no fence: there is no branch that
; could be mispredicted (GS-2).
;
; What the CPU did (SDM vol. 2, SYSCALL; APM vol. 3): RCX := RIP, R11 := RFLAGS, RFLAGS &= ~FMASK
; (IF, TF, DF, AC, NT and the arithmetic flags are now clear), CS := 0x10, SS := 0x18 from STAR.  It
; did not touch RSP.  So we start on the *user's* stack pointer, which may be anything at all, and
; nothing may be pushed until RSP is ours.
;
; The gap.  Between the first instruction and the stack switch, CS says kernel while GS and RSP are
; the user's.  Interrupts are off, and the code touches only this CPU's struct percpu, so only #DB,
; NMI, #MC and #DF can arrive.  All four run on IST stacks and go through the tristate, which
; believes neither CS nor GS (spec 2.10).
;
; The call itself is made from here: five of the six arguments are where C wants them already, and
; the handler gets them from the registers, as it would get them from the frame.  Everything else is
; zero by then.  The number is the low half of RAX (R6.13).  One that is too large - the x32 bit
; makes it so - becomes that of the table's last entry, which nobody implements, and it does so
; without a branch: a CPU that runs ahead has nothing to guess (spec 2.12, Spectre v1).
;
; The way back is decided on the final frame (RET-1): syscall_64_end() looks at the registers that
; will really be loaded, after all else had its turn, and leaves interrupts off: nothing changes it.

%include "entry/frame.inc"

extern return_to_user_iret, syscall_table_64, syscall_64_end, trace_system_call

section .entry.text progbits alloc exec nowrite align=64

; needs     RAX number; RDI RSI RDX R10 R8 R9 arguments; RCX return address; R11 flags;
;           user GS, user RSP
; gives     back in user mode: RAX result; RCX, R11 as SYSCALL left them; everything else unchanged
global entry_SYSCALL_64
entry_SYSCALL_64:
	CFI_SYSCALL
	swapgs
.kernel_gs:
	mov	[gs:PERCPU_user_rsp], rsp	; parked until it is pushed: interrupts are off
	mov	rsp, [gs:PERCPU_kernel_stack]	; top of this thread's stack, empty
	CFI_NO_CALLER				; gdb has no number for the base of GS
.kernel_stack:
	push	USER_DS				; build what an interrupt would have pushed
	push	qword [gs:PERCPU_user_rsp]
	CFI_RULE DW_CFA_register, DWARF_ip, DWARF_rcx
	CFI_RULE DW_CFA_offset + DWARF_rsp, 2
	push	r11
	push	USER_CS
	push	rcx
	CFI_DOOR
	push	rax				; orig_rax: all 64 bits (R6.13)
	PUSH_REGS -38				; RAX in the frame: -ENOSYS, until somebody answers
	mov	rcx, r10			; argument 4: RCX was SYSCALL's
	ZERO_REGS_BUT_ARGUMENTS

	sti					; GS, stack and frame are right: interrupts may come
.interrupts_on:
%ifdef CONFIG_DEBUG
	mov	r10d, TRACE_SYSCALL_64
	call	trace_system_call		; keeps the arguments and RAX
%endif
	mov	r10d, SYSCALL_TABLE_LAST
	cmp	eax, r10d
	cmova	eax, r10d			; EAX either way: RAX above it becomes 0
	call	[syscall_table_64 + rax * 8]
	mov	[rsp + REGS_rax], rax
	mov	rdi, rsp
	call	syscall_64_end			; EAX = enum exit_reason; interrupts off
.called:
	test	eax, eax			; EXIT_SYSRETQ is 0
	jnz	return_to_user_iret

; All conditions of spec 6.9 hold: RCX = RIP is a user address, R11 = RFLAGS without RF and TF, CS
; and SS are the flat pair.  SYSRET itself can therefore not fault - on Intel CPUs it would do so in
; ring 0, on the user's stack (CVE-2012-0217).
;
; needs     RSP = struct pt_regs *, interrupts off, kernel GS
sysret_to_user:
	POP_REGS
	mov	rsp, [rsp + REGS_rsp - REGS_orig_rax]	; the user's stack: the gap again, mirrored
	CFI_SYSCALL
.user_stack:
	swapgs
.user_gs:
	o64 sysret
	CFI_END

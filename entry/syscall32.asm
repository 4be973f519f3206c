; SPDX-License-Identifier: MIT
;
; SYSENTER and the 32-bit SYSCALL: the fast doors of 32-bit programs
;
; Who arrives here.  Ring 3, always, as with the 64-bit SYSCALL (GS-2): usually __kernel_vsyscall of
; the 32-bit vDSO, but the instructions are anybody's to execute, with any registers, and on Intel
; CPUs SYSENTER from 64-bit code too.  Nothing here believes that the caller was the vDSO.
;
; What the CPU did.
;
;	              SYSENTER (SDM vol. 2)            SYSCALL from 32-bit code (APM vol. 3)
;	RIP           IA32_SYSENTER_EIP, old one lost  CSTAR, old one in RCX
;	RSP           IA32_SYSENTER_ESP, old one lost  the user's
;	RFLAGS        IF, VM, RF cleared, nothing else FMASK applied, old ones in R11
;	CS, SS        0x10, 0x18                       0x10, 0x18
;
; SYSENTER's RSP is the top of this CPU's #DF stack (kernel/cpu/cpu_load.c).  Nothing is pushed
; there; it only has to be a stack, so that a fault here, a bug of ours, ends in a panic.
;
; SYSENTER's flags are the user's, all but IF (spec 6.6):
;   * DF: C code demands 0.  CLD, always.
;   * NT: the next IRETQ would fault.  AC: SMAP would be off.  Both are cleared at once.
;   * TF: each instruction here raises #DB until TF is cleared.  exc_debug_kernel() lets these steps
;     pass and leaves TF alone, so that PUSHFQ saves it: the user sees one trap, behind the call.
;
; The frame is made to look as if INT 0x80 had been executed just before the landing pad
; (entry/vdso/vsyscall32.asm): so restart, signals and tracers need not know which instruction it
; was.  The sixth argument, which the vDSO put on the user's stack, is read with interrupts on: the
; page may have to be fetched first.  The call is made as in entry/syscall64.asm.
;
; Whoever executes the bare instruction goes on at the pad, as on Linux.  A 64-bit program has none
; and goes on at 0, where nothing can be mapped (R6.10, R6.28).
;
; R8-R15 do not exist for a 32-bit program, and whoever mixes modes is told that these doors clear
; them (spec 6.8): the frame holds zeroes.  No value of the kernel's leaves in them (R6.25).

%include "entry/frame.inc"
%include "kernel/mm/extable.inc"

extern return_to_user_iret, syscall_table_32, trace_system_call
extern syscall_fast_32_end, syscall_fast_32_fault
global entry_SYSENTER, entry_SYSENTER_flags_clean, entry_SYSCALL_compat

section .entry.text progbits alloc exec nowrite align=64

; %1 register that holds argument 2
;
; needs     RSP at the RIP slot; EAX number
; gives     RSP = struct pt_regs *, RAX in it -ENOSYS, R8-R15 in it 0; RBP in it to be replaced
; clobbers  R10, upper half of RAX
%macro PUSH_REGS_32 1
	mov	r10, [gs:PERCPU_current]
	mov	r10, [r10 + THREAD_mm]
	push	qword [r10 + MM_landing_pad]	; rip
	CFI_DOOR
	mov	eax, eax
	push	rax				; orig_rax
	push	rdi
	push	rsi
	push	rdx
	push	%1				; rcx
	push	-38				; rax: -ENOSYS, until somebody answers
 %rep 4
	push	0				; r8 ... r11
 %endrep
	push	rbx
	push	rbp
 %rep 4
	push	0				; r12 ... r15
 %endrep
%endmacro

; needs     EAX number; EBX ECX EDX ESI EDI arguments 1-5; EBP = user stack, argument 6 there;
;           user GS
; gives     user mode at the landing pad: EAX result, ESP what EBP was, EBP argument 6;
;           ECX, R8-R15 clobbered
entry_SYSENTER:
	CFI_FUNCTION
	CFI_NO_CALLER				; SYSENTER forgets RIP
	swapgs
.kernel_gs:
	mov	rsp, [gs:PERCPU_kernel_stack]	; top of this thread's stack, empty
.kernel_stack:
	mov	r9d, ebp			; the user's stack pointer: 32 bits
	push	USER_DS				; build what an interrupt would have pushed
	push	r9
	pushfq
	cld
	or	dword [rsp], X86_IF		; it was on, or this were not user mode
	test	dword [rsp], X86_NT | X86_AC | X86_TF
	jz	entry_SYSENTER_flags_clean
	push	X86_FIXED
	popfq
entry_SYSENTER_flags_clean:
	push	USER32_CS
	PUSH_REGS_32 rcx
	jmp	syscall_fast_common

; needs     EAX number; EBX EDX ESI EDI arguments 1, 3-5; EBP argument 2; ESP = user stack,
;           argument 6 there; R11 flags; user GS, user RSP
; gives     as entry_SYSENTER; ESP unchanged
align 64
entry_SYSCALL_compat:
	CFI_SYSCALL
	swapgs
.kernel_gs:
	mov	r9d, esp			; ESP: 32 bits, whatever RSP holds above them
	mov	rsp, [gs:PERCPU_kernel_stack]
	CFI_RULE DW_CFA_register, DWARF_rsp, DWARF_r9
.kernel_stack:
	push	USER_DS
	push	r9
	CFI_RULE DW_CFA_offset + DWARF_rsp, 2
	push	r11
	push	USER32_CS
	PUSH_REGS_32 rbp			; RCX is the return address: argument 2 is in EBP
	mov	ecx, ebp

; needs     RSP = struct pt_regs *, complete but for RBP; EAX number; EBX ECX EDX ESI EDI arguments
;           1-5; R9 = user stack; interrupts off, kernel GS
syscall_fast_common:
	CFI_REGS
	mov	r8d, edi			; where C wants them, 32 bits of each: 5,
	mov	edi, ebx			; 1,
	xchg	esi, ecx			; 2 and 4,
	mov	edx, edx			; 3
	ZERO_REGS_BUT_ARGUMENTS
	sti					; all is right but RBP: interrupts may come
.interrupts_on:
	ONLY_IF FEATURE_SMAP, stac
.arg6:	mov	r9d, [r9]			; the only user access here; may fault and sleep
	ONLY_IF FEATURE_SMAP, clac
	mov	[rsp + REGS_rbp], r9
%ifdef CONFIG_DEBUG
	mov	r10d, TRACE_SYSCALL_FAST_32
	call	trace_system_call		; keeps the arguments and RAX
%endif
	mov	r10, [gs:PERCPU_current]
	mov	byte [r10 + THREAD_syscall_compat], 1
	mov	r10d, SYSCALL_TABLE_LAST
	cmp	eax, r10d
	cmova	eax, r10d
	call	[syscall_table_32 + rax * 8]
	mov	[rsp + REGS_rax], rax
	mov	rdi, rsp
	call	syscall_fast_32_end		; EAX = enum exit_reason, interrupts off
.called:
	cmp	eax, EXIT_SYSRETL
	jne	return_to_user_iret

; RIP is the landing pad, CS and SS are the flat pair, RFLAGS has neither RF nor TF (RET-1).  The
; pad restores ECX from the user's stack, so SYSRETL may use it.
;
; needs     RSP = struct pt_regs *, interrupts off, kernel GS; R12-R15 = 0: zeroed above, and C
;           preserves them
sysretl_to_user:
	mov	rbx, [rsp + REGS_rbx]
	mov	rbp, [rsp + REGS_rbp]
	mov	rsi, [rsp + REGS_rsi]
	mov	rdi, [rsp + REGS_rdi]
	mov	rdx, [rsp + REGS_rdx]
	mov	rax, [rsp + REGS_rax]
	mov	rcx, [rsp + REGS_rip]
	mov	r11, [rsp + REGS_rflags]
	xor	r8d, r8d			; what C left there is nobody's business
	xor	r9d, r9d
	xor	r10d, r10d
	mov	rsp, [rsp + REGS_rsp]		; the user's stack: the gap again, mirrored
	CFI_SYSCALL
.user_stack:
	swapgs
.user_gs:
	o32 sysret

; The user's stack cannot be read.
;
; needs     RSP = struct pt_regs *, interrupts on, kernel GS, AC set
syscall_fast_fault:
	CFI_REGS
	ONLY_IF FEATURE_SMAP, clac
	mov	rdi, rsp
	call	syscall_fast_32_fault
.called:
	jmp	return_to_user_iret
	CFI_END
EXTABLE syscall_fast_common.arg6, syscall_fast_fault

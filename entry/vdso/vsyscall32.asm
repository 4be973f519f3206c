; SPDX-License-Identifier: MIT
;
; The 32-bit trampoline: __kernel_vsyscall in three flavours, and what else must be machine code
;
; The contract.  EAX number; EBX, ECX, EDX, ESI, EDI, EBP arguments; CALL *AT_SYSINFO.  The result
; is in EAX; every other register and all flags are as they were.  SYSENTER forgets everything, the
; 32-bit SYSCALL uses up ECX, and both come back by SYSRETL, which uses up ECX again.  So three
; registers are kept on the stack, in the order that programs which inlined this sequence have used
; since 2.6 (spec 6.2), and the kernel finds the sixth argument there:
;
;	      +12   return address   the caller's CALL
;	       +8   ECX, argument 2  \
;	       +4   EDX, argument 3   |  pushed here
;	ESP -> +0   EBP, argument 6  /
;
; The landing pad.  All flavours return to the instruction after INT 0x80.  So "RIP -= 2" restarts a
; call, whatever instruction entered: at INT 0x80 all six arguments are in their registers again,
; and ESP is what it was.
;
; The guard.  Between the fast instruction and INT 0x80 stands HLT.  Nothing ever returns there -
; but a debugger that thinks so gets SIGSEGV instead of the same system call a second time (R6.1).
;
; The choice.  AT_SYSINFO, the ELF entry point and the symbol __kernel_vsyscall are pointers, and
; the kernel writes them once, at boot (kernel/process/vdso.c): no flavour pays for the others.

%include "entry/cfi.inc"

%define NR_clone        120
%define NR_sigreturn    119
%define NR_rt_sigreturn 173

section .text progbits alloc exec nowrite align=16

; %1 name, %2... the instructions between the pushes and INT 0x80
;
; needs     EAX number; EBX ECX EDX ESI EDI EBP arguments
; gives     EAX result; everything else unchanged
%macro VSYSCALL 1-*
align 16
global %1, %1.pad, %1.end
%1:
	CFI_FUNCTION
	push	ecx
	push	edx
	push	ebp
 %rep %0 - 1
  %rotate 1
	%1
 %endrep
 %rotate 1
	int	0x80
.pad:
	pop	ebp
	pop	edx
	pop	ecx
	ret
	CFI_END
.end:
%endmacro

	VSYSCALL vsyscall_sysenter, {mov ebp, esp}, {sysenter}, {hlt}
	VSYSCALL vsyscall_syscall, {mov ebp, ecx}, {syscall}, {hlt}
	VSYSCALL vsyscall_int80, {nop}

; What the symbol says until the kernel has chosen.
global __kernel_vsyscall:function (vsyscall_int80.end - vsyscall_int80)
__kernel_vsyscall equ vsyscall_int80

; int __kernel_clone: clone into shared memory.  Through __kernel_vsyscall a new thread would find
; its return address and three registers on a stack that it does not have (spec 6.7).  Here it
; starts at an address that the caller names.
;
; needs     EBX flags, ECX the child's stack, EDX parent_tid, ESI tls, EDI child_tid as for clone;
;           EBP where the child starts
; gives     parent: EAX = clone's result, everything else unchanged
;           child: at EBP, with EAX = 0, ESP = what ECX was, everything else as the parent had it;
;           neither stack is touched
align 16
global __kernel_clone:function (__kernel_clone.end - __kernel_clone)
__kernel_clone:
	CFI_FUNCTION
	mov	eax, NR_clone
	int	0x80
	test	eax, eax
	jz	.child
	ret
.child:
	CFI_NO_CALLER
	jmp	ebp
.end:
	CFI_END

; Where a signal handler returns to if the program gave no restorer.  The bytes are part of the ABI:
; unwinders that do without CFI compare them.  INT 0x80, because the kernel finds the frame by ESP.
;
; The CFI describes the interrupted registers, at their places in the frame's sigcontext (spec
; 12.3).  The NOP belongs to it: an unwinder looks up the return address minus one.
;
; %1 ESP's distance to the sigcontext; then pairs: a register, and its place there
%macro CFI_SAVED 3-*.nolist
 %assign cfi_counts 0
 %assign %%sigcontext %1
	CFI_RULE DW_CFA_def_cfa_expression, 4, DW_OP_breg + DWARF_esp, SLEB(%1 + 28), DW_OP_deref
 %rep %0 / 2
	CFI_RULE DW_CFA_expression, DWARF_%2, 3, DW_OP_breg + DWARF_esp, SLEB(%%sigcontext + %3)
  %rotate 2
 %endrep
%endmacro
%macro SIGCONTEXT_AT 1.nolist
	CFI_SAVED %1, edi, 16, esi, 20, ebp, 24, ebx, 32, edx, 36, ecx, 40, eax, 44, ip, 56
%endmacro

; needs     ESP at the handler's argument (signo), the sigcontext behind it
align 16
sigreturn_frame:
	CFI_OPEN "zRS", 0, ip
	SIGCONTEXT_AT 4
	nop
global __kernel_sigreturn:function (sigreturn_end - __kernel_sigreturn)
__kernel_sigreturn:
	pop	eax				; signo
	SIGCONTEXT_AT 0
	mov	eax, NR_sigreturn
	int	0x80
	ud2
sigreturn_end:
	CFI_END

; needs     ESP at the handler's arguments (signo, siginfo *, ucontext *); behind them siginfo and
;           ucontext
align 16
rt_sigreturn_frame:
	CFI_OPEN "zRS", 0, ip
	SIGCONTEXT_AT 12 + 128 + 20
	nop
global __kernel_rt_sigreturn:function (rt_sigreturn_end - __kernel_rt_sigreturn)
__kernel_rt_sigreturn:
	mov	eax, NR_rt_sigreturn
	int	0x80
	ud2
rt_sigreturn_end:
	CFI_END

; const struct vdso_data *vdso_data_address(void): position-independent code has no other way to its
; own address in 32-bit mode.
extern vdso_data
align 16
global vdso_data_address
vdso_data_address:
	CFI_FUNCTION
	call	.here
.here:
	CFI_GROW 1
	pop	eax
	add	eax, .distance - .here
	add	eax, [eax]
	ret
	CFI_END
.distance:
	dd vdso_data - $

section .note.GNU-stack noalloc noexec nowrite progbits

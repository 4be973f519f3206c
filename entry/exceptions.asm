; SPDX-License-Identifier: MIT
;
; Plain exceptions, INT 0x80 and interrupts: the doors that believe CS
;
; Who arrives here.  Any code, user or kernel, on TSS.RSP0 (from user: the empty stack of the
; current thread) or on the stack that was in use (from kernel).  The gate has cleared IF and TF.
;
; Which GS is live?  The CPU pushed the CS that it interrupted, and RPL 3 means user GS.  RPL 0
; means kernel GS, because kernel code with user GS runs only with interrupts off and raises no
; plain exception - but for two instructions (spec 2.6, without K8's), known by their address:
;
;   iret_to_user   the IRETQ of the way back, when the frame that it loads is bad (#GP, #SS, #NP).
;                  The fault belongs to the user: we take user GS away as if coming from ring 3 and
;                  rebuild the frame, so that the signal shows the state that IRETQ tried to load
;                  (RET-2).
;   gs_load_site   MOV GS, EDI between the two SWAPGS of load_gs_index, when the descriptor is gone.
;                  SWAPGS back, then the exception table leads to a landing that undoes it again.
;
; Order.  Registers first: PUSH_REGS needs neither GS nor a flag.  Then CLD and CLAC (C code demands
; DF = 0, SMAP demands AC = 0: the user may have set both).  Then GS.  Then C.
;
; Fences (spec 2.12): both outcomes of the branch on CS get an LFENCE on CPUs that can mispredict
; it, before the first %gs access, and so does the comparison with the two addresses, which decides
; about GS as well; each is patched to NOPs elsewhere.  tests/test_entry_paths.py walks all paths.

%include "entry/frame.inc"

extern entry_DB, entry_NMI, entry_DF, entry_MC, return_to_user_iret, iret_to_user, gs_load_site
extern exit_to_user, fixup_bad_iret, apic_in_service, irq_dispatch
extern syscall_table_32, syscall_32_end, trace_system_call
extern exc_divide_error, exc_breakpoint, exc_overflow, exc_bound_range, exc_invalid_opcode
extern exc_device_not_available, exc_invalid_tss, exc_segment_not_present, exc_stack_segment
extern exc_general_protection, exc_page_fault, exc_x87_error, exc_alignment_check
extern exc_simd_error, exc_reserved

global entry_vectors
section .rodata
align 8
entry_vectors:				; each VECTOR below adds its word
%assign vector 0
section .entry.text progbits alloc exec nowrite align=64

; One stub for each vector.  It gives every exception the same frame - an error code, pushed by the
; CPU or here - and says in RDI which C function is meant.
;
;	%1 name of the stub, %2 C function
%macro EXCEPTION 2
%1:
 %if HAS_ERROR_CODE(vector)
	CFI_DOOR 6
 %else
	CFI_DOOR
	push	0				; this vector has no error code
 %endif
 %ifidn %2, exc_reserved
	mov	dword [rsp + 4], vector		; it asks; error codes have 32 bits
 %endif
	push	rdi				; the first slot of PUSH_REGS
	lea	rdi, [%2]
	jmp	exception_common
	VECTOR	%1
%endmacro

	EXCEPTION entry_DE, exc_divide_error
	VECTOR    entry_DB
	VECTOR    entry_NMI
	EXCEPTION entry_BP, exc_breakpoint
	EXCEPTION entry_OF, exc_overflow
	EXCEPTION entry_BR, exc_bound_range
	EXCEPTION entry_UD, exc_invalid_opcode
	EXCEPTION entry_NM, exc_device_not_available
	VECTOR    entry_DF
	EXCEPTION entry_reserved_9, exc_reserved
	EXCEPTION entry_TS, exc_invalid_tss
	EXCEPTION entry_NP, exc_segment_not_present
	EXCEPTION entry_SS, exc_stack_segment
global entry_GP					; espfix_fixup() sends a frame there
	EXCEPTION entry_GP, exc_general_protection
	EXCEPTION entry_PF, exc_page_fault
	EXCEPTION entry_reserved_15, exc_reserved
	EXCEPTION entry_MF, exc_x87_error
	EXCEPTION entry_AC, exc_alignment_check
	VECTOR    entry_MC
	EXCEPTION entry_XM, exc_simd_error
%rep 32 - vector
	EXCEPTION entry_reserved_ %+ vector, exc_reserved
%endrep

; needs     RSP at the saved RDI; RDI = C function
; gives     the interrupted code goes on, or the thread has died
exception_common:
	CFI_DOOR 6
	CFI_PUSHED rdi
	PUSH_REGS_BUT_RDI			; RSP = struct pt_regs *
	ZERO_REGS
	cld
	ONLY_IF FEATURE_SMAP, clac

	test	byte [rsp + REGS_cs], 3
	jz	.from_kernel

.from_user:
	swapgs
.kernel_gs_again:
	ONLY_IF FEATURE_FENCE_SWAPGS, lfence
.call:
	mov	rax, rdi			; the C function
	mov	rdi, rsp			; struct pt_regs *
	mov	rsi, [rsp + REGS_orig_rax]	; error code
	mov	qword [rsp + REGS_orig_rax], -1	; no system call: nothing to restart (spec 6.10)
	call	rax
.called:
	jmp	return_from_exception

.from_kernel:
	lea	rax, [iret_to_user]
	cmp	[rsp + REGS_rip], rax
	je	.bad_iret
	lea	rax, [gs_load_site]
	cmp	[rsp + REGS_rip], rax
	jne	.kernel_gs			; the usual case: GS is the kernel's already
.gs_load:
	swapgs					; the landing of gs_load_site swaps back
.kernel_gs:
	ONLY_IF FEATURE_FENCE_SWAPGS, lfence	; for all three branches: each can be mispredicted
	jmp	.call

; IRETQ could not load the frame it was given.  Its RSP still points at that frame, at the very top
; of the thread's stack; ours lies below.  fixup_bad_iret() moves ours up over it, with the target's
; five words.
.bad_iret:
	swapgs
.bad_iret_kernel_gs:
	ONLY_IF FEATURE_FENCE_SWAPGS, lfence
	mov	rbx, rdi			; the C function survives the call
	mov	rdi, rsp
	call	fixup_bad_iret			; RAX = the frame as if from user mode
	mov	rsp, rax
.bad_iret_rebuilt:
	mov	rdi, rbx
	jmp	.call

; The common way out of exceptions and interrupts.
;
; needs     RSP = struct pt_regs *, kernel GS
global return_from_exception
return_from_exception:
	test	byte [rsp + REGS_cs], 3
	jz	.to_kernel
.to_user:
	cli					; the handler may have enabled interrupts
.to_user_interrupts_off:
	mov	rdi, rsp
	call	exit_to_user
	jmp	return_to_user_iret
.to_kernel:
	cli					; nothing may come between the last pop and IRETQ
.to_kernel_interrupts_off:
	POP_REGS
	add	rsp, 8				; error code
	CFI_GROW -1
	iretq					; same privilege and GS, a frame the CPU made:
						; cannot fault

; INT 0x80 from 64- and 32-bit code.  Always the i386 table; R8-R15 are preserved (spec 6.8).
;
; Not everything that comes through this gate is an INT 0x80: a device or a hypervisor can raise the
; vector as an interrupt (CVE-2024-25744), in kernel mode too, where SWAPGS would be fatal.  Kernel
; code contains no INT 0x80; from user mode the in-service bit tells of IPIs, devices and a virtual
; APIC, not of an event that a hypervisor injects past it.  Nobody asked for it (IRQ-1, R2.37).
;
; Number and arguments are cut to 32 bits right before the call, whatever 64-bit code has in the
; upper halves (CVE-2007-4573, CVE-2010-3301).
;
; needs     EAX number; EBX ECX EDX ESI EDI EBP arguments
; gives     RAX result; everything else unchanged
global entry_INT80
entry_INT80:
	CFI_DOOR
	test	byte [rsp + 8], 3		; CS
	jz	.interrupt_from_kernel
.from_user:
	swapgs
.kernel_gs:
	ONLY_IF FEATURE_FENCE_SWAPGS, lfence
	cld
	ONLY_IF FEATURE_SMAP, clac
	mov	eax, eax
	push	rax				; orig_rax
	PUSH_REGS -38				; RAX in the frame: -ENOSYS, until somebody answers
	ZERO_REGS

	mov	edi, VECTOR_SYSCALL
	call	apic_in_service
	test	al, al
	jnz	.interrupt_from_user
	sti
.interrupts_on:
%ifdef CONFIG_DEBUG
	mov	r10d, VECTOR_SYSCALL
	call	trace_system_call
%endif
	mov	edi, [rsp + REGS_rbx]
	mov	esi, [rsp + REGS_rcx]
	mov	edx, [rsp + REGS_rdx]
	mov	ecx, [rsp + REGS_rsi]
	mov	r8d, [rsp + REGS_rdi]
	mov	r9d, [rsp + REGS_rbp]
	mov	eax, [rsp + REGS_orig_rax]
	mov	r10, [gs:PERCPU_current]
	mov	byte [r10 + THREAD_syscall_compat], 1
	mov	r10d, SYSCALL_TABLE_LAST
	cmp	eax, r10d
	cmova	eax, r10d
	call	[syscall_table_32 + rax * 8]
	mov	[rsp + REGS_rax], rax
	mov	rdi, rsp
	call	syscall_32_end			; does the exit work too; interrupts off
.called:
	jmp	return_to_user_iret

.interrupt_from_user:
	mov	qword [rsp + REGS_orig_rax], ~VECTOR_SYSCALL
	mov	rdi, rsp
	call	irq_dispatch			; panics
	ud2
.interrupt_from_kernel:
	CFI_DOOR
	push	~VECTOR_SYSCALL
	jmp	irq_common

; Interrupts.  Each vector's stub pushes ~vector (negative, so that it is no system call number) and
; comes here.  irq_dispatch acknowledges the APIC; a reschedule that it asks for happens on the way
; to user mode only.
irq_common:
	CFI_DOOR 6
	PUSH_REGS
	ZERO_REGS
	cld
	ONLY_IF FEATURE_SMAP, clac
	test	byte [rsp + REGS_cs], 3
	jz	.from_kernel
.from_user:
	swapgs
.from_kernel:
	ONLY_IF FEATURE_FENCE_SWAPGS, lfence	; serves both outcomes of the branch
	mov	rdi, rsp
	call	irq_dispatch
	jmp	return_from_exception

%rep 256 - vector
 %if vector = VECTOR_SYSCALL
	VECTOR	entry_INT80
 %else
irq_stub_ %+ vector:
	CFI_DOOR
	push	~vector
	jmp	irq_common
	VECTOR	irq_stub_ %+ vector
 %endif
%endrep
	CFI_END

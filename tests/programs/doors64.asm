; SPDX-License-Identifier: MIT
;
; Goes through the kernel's doors, each time by the first instruction of a function that is named
; after the door, with a known value in every register.  tests/test_unwind.py stops in the kernel's
; handlers and looks for these.  Then it becomes /bin/doors32.

%include "entry/cfi.inc"

bits 64

%define NR_rt_sigaction 13
%define NR_rt_sigreturn 15
%define NR_fork         57
%define NR_execve       59
%define NR_exit         60
%define NR_getppid      110
%define NR_getppid_32   64
%define UC_RSP          160
%define UC_RIP          168
%define UC_RFLAGS       176
%define UC_CS           184
%define USER_CS         0x33
%define TF              0x100

section .data
action:
	dq	handler, 0x04000000, restorer, 0	; SA_RESTORER
program:
	db	"/bin/doors32", 0
align 8
arguments:
	dq	program, 0

section .bss
align 4096
global stack_top
untouched:
	resb	4096
	resb	65536
stack_top:

section .text

; %1 function, %2 RAX, %3 flags
;
; gives     RSP = stack_top - 8 in the function; R8-R15 hold 0x5008-0x500f, the others are counted
;           on, too
%macro ENTER 2-3 0x202
	mov	rsp, stack_top
	mov	eax, %2
	mov	edx, 0x5001
	mov	ecx, 0x5002
	mov	ebx, 0x5003
	mov	esi, 0x5004
	mov	edi, 0x5005
	mov	ebp, 0x5006
 %assign n 8
 %rep 8
	mov	r %+ n, 0x5000 + n
  %assign n n + 1
 %endrep
	push	%3
	popfq
	call	%1
%endmacro

global _start
_start:
	CFI_FUNCTION
	CFI_NO_CALLER
	mov	rsp, stack_top
	mov	r12, 4				; SIGILL
	call	catch
	mov	r12, 5				; SIGTRAP
	call	catch
	mov	r12, 11				; SIGSEGV
	call	catch

	ENTER	door_syscall, NR_getppid
	ENTER	door_int80, NR_getppid_32
	ENTER	door_page_fault, 0
	ENTER	door_invalid_opcode, 0
	ENTER	door_general_protection, 0
	ENTER	door_breakpoint, 0
	ENTER	door_single_step, 0, 0x202 | TF
	ENTER	door_timer, 0
	ENTER	door_nmi, 0
	ENTER	door_machine_check, 0
	ENTER	door_gap, NR_getppid
	ENTER	door_bad_iret, NR_getppid_32
	ENTER	door_new_thread, NR_fork
	test	eax, eax
	jz	.child

	mov	edi, program
	mov	esi, arguments
	xor	edx, edx
	mov	eax, NR_execve
	syscall
.child:
	xor	edi, edi
	mov	eax, NR_exit
	syscall

; needs     R12 = signal
catch:
	CFI_FUNCTION
	mov	eax, NR_rt_sigaction
	mov	rdi, r12
	mov	esi, action
	xor	edx, edx
	mov	r10d, 8
	syscall
	ret

; The interrupted function returns to its caller, in 64-bit code whatever CS was.
handler:
	CFI_FUNCTION
	mov	rax, [rdx + UC_RSP]
	mov	rcx, [rax]
	mov	[rdx + UC_RIP], rcx
	add	qword [rdx + UC_RSP], 8
	and	qword [rdx + UC_RFLAGS], ~TF
	mov	word [rdx + UC_CS], USER_CS
	ret
restorer:
	mov	eax, NR_rt_sigreturn
	syscall

%macro DOOR 2+
global %1
%1:
	CFI_FUNCTION
	%2
	ret
%endmacro

	DOOR	door_syscall, syscall
	DOOR	door_int80, int 0x80
	DOOR	door_page_fault, mov [untouched], al
	DOOR	door_invalid_opcode, ud2
	DOOR	door_general_protection, hlt
	DOOR	door_breakpoint, int3
	DOOR	door_single_step, nop
	DOOR	door_timer, jmp $		; until the debugger moves RIP on
	DOOR	door_nmi, jmp $
	DOOR	door_machine_check, jmp $
	DOOR	door_gap, syscall
	DOOR	door_bad_iret, int 0x80		; the debugger changes CS in the frame
	DOOR	door_new_thread, syscall
	CFI_END

section .note.GNU-stack noalloc noexec nowrite progbits

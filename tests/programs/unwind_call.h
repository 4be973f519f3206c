/* SPDX-License-Identifier: MIT */
/* For unwind.c: a call with known registers and TF, with complete call frame information. */
#pragma once

/* Registers by their DWARF numbers. */
#ifdef __x86_64__
enum { AX, DX, CX, BX, SI, DI, BP, SP, R12 = 12, R13, R14, R15, REGS };
#define REG_IP REG_RIP
#define SET_TF __asm__ volatile("pushfq; orl $0x100, (%%rsp); popfq" : : : "memory")
static const int kept_by_c[] = { BX, BP, R12, R13, R14, R15 };
#else
enum { AX, CX, DX, BX, SP, BP, SI, DI, REGS };
#define REG_IP REG_EIP
#define SET_TF __asm__ volatile("pushf; orl $0x100, (%%esp); popf" : : : "memory")
static const int kept_by_c[] = { BX, BP, SI, DI };
static const int kept_by_vsyscall[] = { BX, CX, DX, SI, DI, BP };
#endif

/* What stepped_call() loads; it notes its stack pointer at the CALL. */
static struct call {
	unsigned long reg[REGS];
	unsigned long arg[3];
	void *fn;
} call;

void stepped_call(struct call *call);
extern const char stepped_return[], interrupted_at[];

#ifdef __x86_64__
__asm__("	.text\n"
	"stepped_call:\n"
	"	.cfi_startproc\n"
	"	.irp reg, rbx, rbp, r12, r13, r14, r15\n"
	"	push %\\reg\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	.cfi_rel_offset \\reg, 0\n"
	"	.endr\n"
	"	sub $8, %rsp\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	mov %rsp, 7*8(%rdi)\n"
	"	mov 0*8(%rdi), %rax\n"
	"	mov 3*8(%rdi), %rbx\n"
	"	mov 6*8(%rdi), %rbp\n"
	"	mov 12*8(%rdi), %r12\n"
	"	mov 13*8(%rdi), %r13\n"
	"	mov 14*8(%rdi), %r14\n"
	"	mov 15*8(%rdi), %r15\n"
	"	mov 17*8(%rdi), %rsi\n"
	"	mov 18*8(%rdi), %rdx\n"
	"	mov 19*8(%rdi), %rcx\n"
	"	mov 16*8(%rdi), %rdi\n"
	"	pushf\n"
	"	orl $0x100, (%rsp)\n"
	"	popf\n"
	"	call *%rcx\n"
	"stepped_return:\n"
	"	add $8, %rsp\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	.irp reg, r15, r14, r13, r12, rbp, rbx\n"
	"	pop %\\reg\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	.cfi_restore \\reg\n"
	"	.endr\n"
	"	ret\n"
	"	.cfi_endproc\n");
#else
static void *stepped_fn __attribute__((used));

/* interrupted_call: INT 0x80 with known registers, without TF. */
void interrupted_call(struct call *call);

__asm__("	.text\n"
	"	.macro enter_with_registers\n"
	"	.cfi_startproc\n"
	"	.irp reg, ebx, ebp, esi, edi\n"
	"	push %\\reg\n"
	"	.cfi_adjust_cfa_offset 4\n"
	"	.cfi_rel_offset \\reg, 0\n"
	"	.endr\n"
	"	mov 20(%esp), %edi\n"
	"	.irp at, 40, 36, 32\n"		/* the arguments of a C function */
	"	pushl \\at(%edi)\n"
	"	.cfi_adjust_cfa_offset 4\n"
	"	.endr\n"
	"	mov %esp, 4*4(%edi)\n"
	"	.endm\n"
	"	.macro load_registers\n"
	"	mov 0*4(%edi), %eax\n"
	"	mov 1*4(%edi), %ecx\n"
	"	mov 2*4(%edi), %edx\n"
	"	mov 3*4(%edi), %ebx\n"
	"	mov 5*4(%edi), %ebp\n"
	"	mov 6*4(%edi), %esi\n"
	"	mov 7*4(%edi), %edi\n"
	"	.endm\n"
	"	.macro leave_with_registers\n"
	"	add $12, %esp\n"
	"	.cfi_adjust_cfa_offset -12\n"
	"	.irp reg, edi, esi, ebp, ebx\n"
	"	pop %\\reg\n"
	"	.cfi_adjust_cfa_offset -4\n"
	"	.cfi_restore \\reg\n"
	"	.endr\n"
	"	ret\n"
	"	.cfi_endproc\n"
	"	.endm\n"
	"stepped_call:\n"
	"	enter_with_registers\n"
	"	pushf\n"
	"	orl $0x100, (%esp)\n"
	"	load_registers\n"
	"	popf\n"
	"	call *stepped_fn\n"
	"stepped_return:\n"
	"	leave_with_registers\n"
	"interrupted_call:\n"
	"	enter_with_registers\n"
	"	load_registers\n"
	"	int $0x80\n"
	"interrupted_at:\n"
	"	leave_with_registers\n");
#endif

/* SPDX-License-Identifier: MIT */
/*
 * crt.c - program entry, clone and signal return, for both word sizes.
 */
#include "sys.h"

void *memset(void *p, int c, ulong n)
{
	u8 *d = p;

	while (n--)
		*d++ = (u8)c;
	return p;
}

void *memcpy(void *to, const void *from, ulong n)
{
	u8 *d = to;
	const u8 *s = from;

	while (n--)
		*d++ = *s++;
	return to;
}

#ifdef __x86_64__

__asm__(
	".globl _start\n"
	"_start:\n"
	"	.byte 0x0f, 0x1f, 0x80; .long 0x4d4b0001\n"	/* MARK(1) */
	"	lfence; rdtsc; lfence\n"
	"	shl $32, %rdx\n"
	"	lea (%rax,%rdx), %rsi\n"
	"	xor %ebp, %ebp\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call start_c\n"
	"	ud2\n"

	".globl sig_restorer\n"
	"sig_restorer:\n"
	"	mov $15, %eax\n"
	"	syscall\n"

	/* rdi fn, rsi arg, rdx stack, rcx flags, r8 ptid, r9 ctid */
	".globl clone_call\n"
	"clone_call:\n"
	"	and $-16, %rdx\n"
	"	sub $16, %rdx\n"
	"	mov %rdi, (%rdx)\n"
	"	mov %rsi, 8(%rdx)\n"
	"	mov %rcx, %rdi\n"
	"	mov %rdx, %rsi\n"
	"	mov %r8, %rdx\n"
	"	mov %r9, %r10\n"
	"	xor %r8d, %r8d\n"
	"	mov $56, %eax\n"
	"	syscall\n"
	"	test %eax, %eax\n"
	"	jz 1f\n"
	"	ret\n"
	"1:	xor %ebp, %ebp\n"
	"	pop %rax\n"
	"	pop %rdi\n"
	"	call *%rax\n"
	"	xor %edi, %edi\n"
	"	mov $60, %eax\n"
	"	syscall\n"
	"	ud2\n"
);

#else

void int80_stub(void);
void (*vsyscall_entry)(void) = int80_stub;

__asm__(
	".globl _start\n"
	"_start:\n"
	"	.byte 0x0f, 0x1f, 0x80; .long 0x4d4b0001\n"	/* MARK(1) */
	"	lfence; rdtsc; lfence\n"
	"	xor %ebp, %ebp\n"
	"	mov %esp, %ecx\n"
	"	and $-16, %esp\n"
	"	sub $4, %esp\n"
	"	push %edx\n"
	"	push %eax\n"
	"	push %ecx\n"
	"	call start_c\n"
	"	ud2\n"

	".globl int80_stub\n"
	"int80_stub:\n"
	"	int $0x80\n"
	"	ret\n"

	".globl sig_restorer\n"
	"sig_restorer:\n"
	"	mov $173, %eax\n"
	"	int $0x80\n"

	".globl old_sig_restorer\n"
	"old_sig_restorer:\n"
	"	pop %eax\n"
	"	mov $119, %eax\n"
	"	int $0x80\n"

	/* sys6(nr, a, b, c, d, e, f) */
	".globl sys6\n"
	"sys6:\n"
	"	push %ebp\n"
	"	push %edi\n"
	"	push %esi\n"
	"	push %ebx\n"
	"	mov 20(%esp), %eax\n"
	"	mov 24(%esp), %ebx\n"
	"	mov 28(%esp), %ecx\n"
	"	mov 32(%esp), %edx\n"
	"	mov 36(%esp), %esi\n"
	"	mov 40(%esp), %edi\n"
	"	mov 44(%esp), %ebp\n"
	"	call *vsyscall_entry\n"
	"	pop %ebx\n"
	"	pop %esi\n"
	"	pop %edi\n"
	"	pop %ebp\n"
	"	ret\n"

	/* clone_call(fn, arg, stack, flags, ptid, ctid) */
	".globl clone_call\n"
	"clone_call:\n"
	"	push %ebx\n"
	"	push %esi\n"
	"	push %edi\n"
	"	mov 24(%esp), %ecx\n"		/* stack */
	"	and $-16, %ecx\n"
	"	sub $16, %ecx\n"
	"	mov 16(%esp), %eax\n"		/* fn */
	"	mov %eax, 4(%ecx)\n"
	"	mov 20(%esp), %eax\n"		/* arg */
	"	mov %eax, 8(%ecx)\n"
	"	add $4, %ecx\n"
	"	mov 28(%esp), %ebx\n"		/* flags */
	"	mov 32(%esp), %edx\n"		/* ptid */
	"	xor %esi, %esi\n"
	"	mov 36(%esp), %edi\n"		/* ctid */
	"	mov $120, %eax\n"
	"	int $0x80\n"
	"	test %eax, %eax\n"
	"	jz 1f\n"
	"	pop %edi\n"
	"	pop %esi\n"
	"	pop %ebx\n"
	"	ret\n"
	"1:	xor %ebp, %ebp\n"
	"	pop %eax\n"			/* fn; arg is now on top */
	"	call *%eax\n"
	"	xor %ebx, %ebx\n"
	"	mov $1, %eax\n"
	"	int $0x80\n"
	"	ud2\n"
);

#endif

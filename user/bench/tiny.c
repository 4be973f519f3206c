/* SPDX-License-Identifier: MIT */
/* tiny.c - the smallest program: exit(0).  What the exec benchmarks start. */
static int data __attribute__((used)) = 1;	/* a data segment, for loaders that need one */

#ifdef __x86_64__
__asm__(".globl _start\n_start:\n"
	"	xor %edi, %edi\n"
	"	mov $60, %eax\n"
	"	syscall\n");
#else
__asm__(".globl _start\n_start:\n"
	"	xor %ebx, %ebx\n"
	"	mov $1, %eax\n"
	"	int $0x80\n");
#endif

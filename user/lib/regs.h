/* SPDX-License-Identifier: MIT */
/* Every general register and the flags, before and after one system-call instruction. */
#pragma once

/* Same order as in regs64.asm, regs32.asm. */
struct regs {
#ifdef __x86_64__
	unsigned long ax, bx, cx, dx, si, di, bp, sp, r8, r9, r10, r11, r12, r13, r14, r15, flags;
	unsigned long ip;	/* out only: of the instruction behind the system call */
#else
	unsigned long ax, bx, cx, dx, si, di, bp, sp, flags, ip;
#endif
};

/*
 * Loads all of *in but sp and ip, executes the instruction, stores everything to *out.  in->sp
 * becomes the stack pointer at the instruction, so that both can be compared.
 */
void regs_int80(struct regs *in, struct regs *out);
#ifdef __x86_64__
void regs_syscall(struct regs *in, struct regs *out);
#else
/* A call of regs_call_target, which takes registers as __kernel_vsyscall does. */
void regs_call(struct regs *in, struct regs *out);
extern void *regs_call_target;
#endif

/*
 * The same with UD2, INT3, HLT, DIV BL, MOV AL from the address in (R/E)BX, and NOP: a handler of
 * the signal has to go on behind the instruction.
 */
void regs_ud2(struct regs *in, struct regs *out);
void regs_int3(struct regs *in, struct regs *out);
void regs_hlt(struct regs *in, struct regs *out);
void regs_divide(struct regs *in, struct regs *out);
void regs_load(struct regs *in, struct regs *out);
void regs_nop(struct regs *in, struct regs *out);

#define FLAG_CF (1ul << 0)
#define FLAG_PF (1ul << 2)
#define FLAG_AF (1ul << 4)
#define FLAG_ZF (1ul << 6)
#define FLAG_SF (1ul << 7)
#define FLAG_TF (1ul << 8)
#define FLAG_IF (1ul << 9)
#define FLAG_DF (1ul << 10)
#define FLAG_OF (1ul << 11)
#define FLAG_NT (1ul << 14)
#define FLAG_AC (1ul << 18)
#define FLAG_ID (1ul << 21)
#define FLAG_FIXED 0x2ul

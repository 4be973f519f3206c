/* SPDX-License-Identifier: MIT */
/* What a program finds when it starts: arguments, auxiliary vector, registers. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Every program defines this; its result is the exit status. */
int main(int argc, char **argv, char **envp);

extern int program_argc;
extern char **program_argv, **program_envp;

/* The value of an auxiliary vector entry; *found (may be NULL) tells whether it is there. */
unsigned long auxv(unsigned long type, bool *found);
const char *env_get(const char *name);

/* Registers at the first instruction: written by _start, same order as there. */
struct start_registers {
#ifdef __x86_64__
	unsigned long ax, bx, cx, dx, si, di, bp, sp, r8, r9, r10, r11, r12, r13, r14, r15;
	unsigned long flags, pad;
	uint16_t cs, ds, es, fs, gs, ss, pad2[2];
#else
	unsigned long ax, bx, cx, dx, si, di, bp, sp;
	unsigned long flags, pad;
	uint16_t cs, ds, es, fs, gs, ss, pad2[2];
	uint32_t pad3[2];
#endif
	uint16_t fcw, fsw;		/* FXSAVE image: SDM vol. 1, table 10-2 */
	uint8_t ftw, pad4;
	uint16_t fop;
	uint32_t pad5[4];
	uint32_t mxcsr, mxcsr_mask;
	uint32_t st[8][4];
	uint32_t xmm[16][4];		/* the upper eight only in 64-bit mode */
	uint8_t rest[96];
};
extern struct start_registers start_registers;

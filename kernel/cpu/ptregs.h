/* SPDX-License-Identifier: MIT */
/*
 * The register frame that every door builds: the order of Linux's struct
 * user_regs_struct up to SS (spec 12.2), lowest address first.
 */
#pragma once

#include "kernel/lib/compiler.h"

struct pt_regs {
	uint64_t r15, r14, r13, r12, rbp, rbx;		/* callee-saved, pushed by the stub */
	uint64_t r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t orig_rax;	/* call: its number; exception: error code, then -1; IRQ: ~vector */
	uint64_t rip, cs, rflags, rsp, ss;		/* the hardware frame */
};

_Static_assert(sizeof(struct pt_regs) == 168, "entry/ and user_regs_struct count on it");

/* The privilege level that the frame returns to (or came from): CS.RPL. */
static inline bool user_mode(const struct pt_regs *regs)
{
	return (regs->cs & 3) == 3;
}

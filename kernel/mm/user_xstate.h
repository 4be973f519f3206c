/* SPDX-License-Identifier: MIT */
/*
 * Extended state between the registers and user memory, for signal frames: one instruction and no
 * copy.  The registers hold the running thread's state at any time in thread context, because the
 * switch is eager and the kernel itself uses none of them; a page fault in between may even sleep.
 *
 * Like the copies in kernel/mm/usercopy.h: ranges checked, SMAP open for the instruction
 * only, every fault recovered by the exception table - the #GP that XRSTOR raises on a bad header
 * or MXCSR too, so what the user changes meanwhile can do no harm.
 */
#pragma once

#include "kernel/lib/compiler.h"

#define FSAVE_SIZE 112		/* FNSAVE's 108 bytes, then the status word once more */

/* 0 or -EFAULT.  XSAVE (standard format) or FXSAVE, cpu_info.xsave_size bytes, 64-byte aligned. */
int xsave_to_user(void __user *to);
/* The components of mask; on failure any of them may have changed. */
int xrstor_from_user(const void __user *from, uint64_t mask);
int fxrstor_from_user(const void __user *from);
/* The x87 state in the 32-bit protected-mode layout.  Saving leaves the initial state behind. */
int fnsave_to_user(void __user *to);
int frstor_from_user(const void __user *from);

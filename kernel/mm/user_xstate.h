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

#include <asm/sigcontext.h>
#include "kernel/lib/compiler.h"

#define FSAVE_SIZE 112		/* FNSAVE's 108 bytes, then the status word once more */

/*
 * The part of an XSAVE image that is neither registers nor reserved for them: the last 48 bytes of
 * its FXSAVE part, which are software's, and the header (SDM vol. 1, 13.4).  Where the size of the
 * image ends, signal frames have one more word.
 */
struct xsave_middle {
	struct _fpx_sw_bytes sw;
	uint64_t xstate_bv, xcomp_bv, reserved[6];
};
#define XSAVE_MIDDLE_OFFSET 464

/* What there is to check in it. */
struct xsave_check {
	struct _fpx_sw_bytes sw;
	uint64_t xstate_bv, xcomp_bv, reserved;
	uint32_t end_word;
};

/*
 * 0 or -EFAULT.  cpu_info.xsave_size bytes in the standard format and the end word, 64-byte
 * aligned.  XSAVE leaves software bytes, and its header but for XSTATE_BV, alone: they come from
 * middle.
 */
int xsave_to_user(void __user *to, const struct xsave_middle *middle, uint32_t end_word);
/* The same for reading, of an image of just that size. */
int xsave_check_from_user(struct xsave_check *check, const void __user *from);
int fxsave_to_user(void __user *to);	/* 512 bytes */
/* The components of mask; on failure any of them may have changed. */
int xrstor_from_user(const void __user *from, uint64_t mask);
int fxrstor_from_user(const void __user *from);
/* The x87 state in the 32-bit protected-mode layout.  Saving leaves the initial state behind. */
int fnsave_to_user(void __user *to);
int frstor_from_user(const void __user *from);

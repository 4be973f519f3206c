/* SPDX-License-Identifier: MIT */
/*
 * Where a signal frame goes.  Inline: to both bitnesses' frames half of it is constant.
 */
#pragma once

#include <asm/errno.h>
#include "kernel/cpu/features.h"
#include "kernel/cpu/ptregs.h"
#include "kernel/mm/user_xstate.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/sigset.h"
#include "sched/thread.h"

#define RED_ZONE     128	/* x86-64 ABI, 3.2.2: leaf functions keep data below RSP */
#define FRAME_ALIGN  16
#define XSTATE_ALIGN 64

/* The frame itself, and the extended state above it. */
struct sigframe_place {
	uint64_t frame;
	uint64_t fpstate;	/* what the sigcontext points to */
	uint64_t fx;		/* the FXSAVE image: the same, or behind the FSAVE image */
};

/* At the handler's first instruction the word above the return address is 16-byte aligned. */
static inline uint64_t align_frame(uint64_t sp, bool compat)
{
	return compat ? ALIGN_DOWN(sp + 4, FRAME_ALIGN) - 4 : ALIGN_DOWN(sp, FRAME_ALIGN) - 8;
}

static inline size_t sigframe_xstate_size(void)
{
	return cpu_info.xsave_size + (cpu_has(FEATURE_XSAVE) ? sizeof(uint32_t) : 0);
}

/* Below what the interrupted code uses, or on the alternate stack.  -EFAULT: too small (R12.4). */
static __always_inline int sigframe_find_place(struct sigframe_place *place,
					       const struct pt_regs *regs, bool on_altstack,
					       size_t size, bool compat)
{
	const struct thread_signals *sig = &current_thread()->sig;
	uint64_t sp = regs->rsp - (compat ? 0 : RED_ZONE);
	bool bounded = false;

	if (sig->alt_size) {
		bounded = altstack_in_use(sig, regs->rsp);
		if (on_altstack && !altstack_in_use(sig, sp)) {
			sp = sig->alt_sp + sig->alt_size;
			bounded = true;
		}
	}
	place->fx = ALIGN_DOWN(sp - sigframe_xstate_size(), XSTATE_ALIGN);
	place->fpstate = place->fx - (compat ? FSAVE_SIZE : 0);
	place->frame = align_frame(place->fpstate - size, compat);
	return bounded && !altstack_holds(sig, place->frame) ? -EFAULT : 0;
}

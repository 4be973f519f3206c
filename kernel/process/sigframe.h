/* SPDX-License-Identifier: MIT */
/*
 * Signal frames: what a handler finds on the user's stack, and what sigreturn takes back from there
 * (spec 12.3).  Own thread, thread context, no locks held.
 */
#pragma once

#include "kernel/cpu/features.h"
#include "kernel/process/sigstate.h"

struct pt_regs;

/*
 * Flags that a frame may change: the arithmetic ones, TF, DF, RF and AC.  Not IF, IOPL, NT, VM,
 * ID (spec 12.1).
 */
#define SIGFRAME_FLAGS 0x50dd5ull

/* Where a frame goes: frame itself, and the extended state above it. */
struct sigframe_place {
	uint64_t frame;
	uint64_t fpstate;	/* what the sigcontext points to */
	uint64_t fx;		/* the FXSAVE image: the same, or behind the FSAVE image */
};

/*
 * Writes the frame and lets regs enter the handler.  mask: the one that sigreturn brings back.
 * 0, or -EFAULT with regs unchanged.
 */
int sigframe_setup_64(struct pt_regs *regs, const struct signal_action *action,
		      const struct signal_info *info, sigmask_t mask);
int sigframe_setup_32(struct pt_regs *regs, const struct signal_action *action,
		      const struct signal_info *info, sigmask_t mask);

/* Below what the interrupted code uses, or on the alternate stack.  -EFAULT: too small (R12.4). */
int sigframe_find_place(struct sigframe_place *place, const struct pt_regs *regs,
			const struct signal_action *action, size_t size);

/* kernel/process/sigframe_xstate.c; the area at place->fpstate. */
static inline size_t sigframe_xstate_size(void)
{
	return cpu_info.xsave_size + (cpu_has(FEATURE_XSAVE) ? sizeof(uint32_t) : 0);
}
int sigframe_save_xstate(const struct sigframe_place *place);	/* 0 or -EFAULT */
/*
 * The state that the frame holds into the registers; fpstate 0: the initial state.  0, or -EFAULT:
 * the frame is unreadable or invalid, and the registers hold the initial state.
 */
int sigframe_restore_xstate(uint64_t fpstate, bool compat);

/* The rest of what both sigreturns do first: a restart that was planned is off, and the mask. */
void sigreturn_begin(struct pt_regs *regs, sigmask_t mask);
/* The alternate stack of the frame; what sigaltstack would refuse is no error here. */
void sigreturn_altstack(uint64_t sp, uint64_t size, uint32_t flags, size_t min_size);
/* A frame that cannot be used: SIGSEGV for the caller. */
void sigreturn_bad_frame(void);

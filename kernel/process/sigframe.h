/* SPDX-License-Identifier: MIT */
/*
 * Signal frames: what a handler finds on the user's stack, and what sigreturn takes back from there
 * (spec 12.3).  Own thread, thread context, no locks held.
 */
#pragma once

#include "kernel/cpu/ptregs.h"
#include "kernel/process/signal_internal.h"

/*
 * Flags that a frame may change: the arithmetic ones, TF, DF, RF and AC.  Not IF, IOPL, NT, VM,
 * ID (spec 12.1).
 */
#define SIGFRAME_FLAGS 0x50dd5ull

/*
 * Writes the frame and lets regs enter the handler.  mask: the one that sigreturn brings back.
 * 0, or -EFAULT with regs unchanged.
 */
int sigframe_setup_64(struct pt_regs *regs, const struct signal_action *action,
		      const struct signal_info *info, sigmask_t mask);
int sigframe_setup_32(struct pt_regs *regs, const struct signal_action *action,
		      const struct signal_info *info, sigmask_t mask);

/*
 * kernel/process/sigframe_xstate.c.  The registers into the area that begins with the FXSAVE image
 * at fx; compat: described as part of an i386 frame.  0 or -EFAULT.
 */
int sigframe_save_xstate(uint64_t fx, bool compat);
/*
 * The state that the frame holds into the registers; fpstate 0: the initial state.  0, or -EFAULT:
 * the frame is unreadable or invalid, and the registers hold the initial state.
 */
int sigframe_restore_xstate(uint64_t fpstate, bool compat);

/* The rest of what both sigreturns do first: a restart that was planned is off, and the mask. */
static inline void sigreturn_begin(struct pt_regs *regs, sigmask_t mask)
{
	regs->orig_rax = -1;
	current_thread()->restart.armed = false;
	signal_set_blocked(mask);
}

/* The alternate stack of the frame; what sigaltstack would refuse is no error here. */
void sigreturn_change_altstack(uint64_t sp, uint64_t size, uint32_t flags, size_t min_size);
static inline void sigreturn_altstack(uint64_t sp, uint64_t size, uint32_t flags, size_t min_size)
{
	const struct thread_signals *sig = &current_thread()->sig;

	if (sp != sig->alt_sp || size != sig->alt_size || flags != sig->alt_flags)
		sigreturn_change_altstack(sp, size, flags, min_size);
}

/* A frame that cannot be used: SIGSEGV for the caller. */
void sigreturn_bad_frame(void);

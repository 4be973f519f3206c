/* SPDX-License-Identifier: MIT */
/* What the signal calls of both tables share. */
#pragma once

#include <linux/signal.h>
#include "kernel/process/sigstate.h"

/* new may be NULL; *old is always filled.  -EINVAL */
long signal_change_action(int signo, const struct signal_action *new, struct signal_action *old);
long signal_change_mask(int how, sigmask_t set);	/* -EINVAL */
sigmask_t signal_pending_set(void);			/* of the caller: pending and blocked */
long signal_suspend(sigmask_t mask);			/* -ERESTARTNOHAND */

/* The alternate stack contains sp (the stack pointer there may equal its end). */
static inline bool altstack_holds(const struct thread_signals *sig, uint64_t sp)
{
	return sp > sig->alt_sp && sp - sig->alt_sp <= sig->alt_size;
}

/* Code with that stack pointer runs on it.  One that disarms itself counts as unused. */
static inline bool altstack_in_use(const struct thread_signals *sig, uint64_t sp)
{
	return !(sig->alt_flags & SS_AUTODISARM) && altstack_holds(sig, sp);
}

struct altstack {
	uint64_t sp, size;
	uint32_t flags;
};
/* new may be NULL; *old is always filled.  -EPERM (in use), -EINVAL, -ENOMEM (too small) */
long signal_change_altstack(const struct altstack *new, struct altstack *old, size_t min_size);

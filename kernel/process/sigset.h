/* SPDX-License-Identifier: MIT */
/* What the signal calls of both tables share. */
#pragma once

#include "kernel/process/sigstate.h"

/* new may be NULL; *old is always filled.  -EINVAL */
long signal_change_action(int signo, const struct signal_action *new, struct signal_action *old);
long signal_change_mask(int how, sigmask_t set);	/* -EINVAL */
sigmask_t signal_pending_set(void);			/* of the caller: pending and blocked */
long signal_suspend(sigmask_t mask);			/* -ERESTARTNOHAND */

struct altstack {
	uint64_t sp, size;
	uint32_t flags;
};
/* new may be NULL; *old is always filled.  -EPERM (in use), -EINVAL, -ENOMEM (too small) */
long signal_change_altstack(const struct altstack *new, struct altstack *old, size_t min_size);

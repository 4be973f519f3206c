/* SPDX-License-Identifier: MIT */
/*
 * The part of a thread's user registers that no door saves: segments, bases, extended state.  Debug
 * registers belong to nobody yet.  Interrupts off.
 */
#pragma once

#include "sched/segments.h"
#include "sched/xstate.h"

static __always_inline void user_state_save(struct thread *prev)
{
	segments_save(&prev->seg);
	xstate_save(prev->xstate);
}

/*
 * An interrupt from user mode leaves SS null.  Where SYSRET loads only the selector, a thread that goes back by it
 * would find the rest of SS as it is now: so it is made valid.
 */
static __always_inline void refresh_ss(void)
{
	__asm__ volatile(ALTERNATIVE("mov %%ss, %%eax; cmp $" ALT_STRING(KERNEL_DS) ", %%ax; je 1f; "
				     "mov $" ALT_STRING(KERNEL_DS) ", %%eax; mov %%eax, %%ss; 1:",
				     "", FEATURE_SYSRET_KEEPS_SS | ALT_NOT)
			 ::: "eax", "cc", "memory");
}

static __always_inline void user_state_load(struct thread *next)
{
	refresh_ss();
	segments_load(&next->seg);
	xstate_load(next->xstate);
}

/* SPDX-License-Identifier: MIT */
/*
 * The part of a thread's user registers that no door saves: segments, bases, extended state.  Debug
 * registers belong to no thread.  Interrupts off.
 */
#pragma once

#include "sched/segments.h"
#include "sched/xstate.h"

static __always_inline void user_state_save(struct thread *prev)
{
	segments_save(&prev->seg);
	xstate_save(prev->xstate);
}

static __always_inline void user_state_load(struct thread *next)
{
	segments_load(&next->seg);
	xstate_load(next->xstate);
}

/* SPDX-License-Identifier: MIT */
/* What spinlocks and mutexes tell the checker of LOCK-1; see lock.h for the rest of it. */
#pragma once

#include "kernel/lib/lock.h"

/* Notes a lock that was taken without waiting. */
void lock_order_note(enum lock_rank rank);
/*
 * LOCK-3, called for plain spin_lock: a lock that is elsewhere held with interrupts on may not
 * be waited for under a lock that interrupts take.  (Its holder, interrupted, could be waiting
 * for that one.)  Nor may an interrupt take it, nor is one that interrupts take held with interrupts
 * on: the holder could be the interrupted code.
 */
void lock_order_check_context(const char *name, enum lock_rank rank);

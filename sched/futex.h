/* SPDX-License-Identifier: MIT */
/*
 * Futexes: wait and wake on a user word.  Thread context, no locks held: each of these may
 * read user memory and look at the address space.
 */
#pragma once

#include "kernel/process/deadline.h"

/*
 * Sleeps while the word at addr holds value.  0: woken, -EAGAIN: it did not, -ETIMEDOUT,
 * -ERESTARTSYS, -EFAULT, -EINVAL (unaligned, bitset 0).  shared: the word may be in memory
 * that other processes map.
 */
long futex_wait(uintptr_t addr, uint32_t value, uint32_t bitset, struct deadline deadline,
		bool shared);
/*
 * Wakes up to n waiters of the word at addr in the current address space whose bitset meets
 * bitset.  How many, or -EINVAL, -EFAULT.  Also for exit's clear_child_tid.
 */
long futex_wake(uintptr_t addr, unsigned n, uint32_t bitset, bool shared);
/*
 * Wakes up to wake waiters of from, and lets up to move more wait at to instead.  How many in
 * all.
 */
long futex_requeue(uintptr_t from, uintptr_t to, unsigned wake, unsigned move, bool shared);
/* Robust list of a dying thread: marks owned futexes FUTEX_OWNER_DIED. */
void futex_exit_robust(void);

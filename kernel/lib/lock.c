/* SPDX-License-Identifier: MIT */
/*
 * Spinlocks by test and set.  Tickets would be fair, but a fair lock must wait for the one CPU
 * whose turn it is: under a hypervisor that CPU may not be running (measured with 8 virtual CPUs
 * on 2: seconds for what takes milliseconds).  Hold times here are short, so unfairness costs
 * little.
 *
 * The waiting loop reads before it writes, to leave the cache line shared, and pauses: an emulator
 * that runs its CPUs in turns would otherwise let a waiter burn its whole slice (spec 11.8).
 */
#include "kernel/lib/lock.h"

void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank)
{
	*lock = (struct spinlock)SPINLOCK(name, rank);
}

void spin_wait(struct spinlock *lock)
{
	do {
		while (__atomic_load_n(&lock->locked, __ATOMIC_RELAXED))
			cpu_relax();
	} while (spin_test_and_set(lock));
}

/* SPDX-License-Identifier: MIT */
/*
 * Spinlocks by test and set.  Tickets would be fair, but a fair lock must wait for the one CPU whose turn it
 * is: under a hypervisor that CPU may not be running (measured with 8 virtual CPUs on 2: seconds for
 * what takes milliseconds).  Hold times here are short, so unfairness costs little.
 *
 * The waiting loop reads before it writes, to leave the cache line shared, and pauses: an emulator that
 * runs its CPUs in turns would otherwise let a waiter burn its whole slice (spec 11.8).
 */
#include "kernel/lib/lock.h"
#include "kernel/cpu/x86.h"
#include "kernel/lib/lock_order.h"

void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank)
{
	*lock = (struct spinlock)SPINLOCK(name, rank);
}

static bool test_and_set(struct spinlock *lock)
{
	return __atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE);
}

static void take(struct spinlock *lock)
{
	while (unlikely(test_and_set(lock)))
		while (__atomic_load_n(&lock->locked, __ATOMIC_RELAXED))
			cpu_relax();
}

void spin_lock(struct spinlock *lock)
{
	lock_order_check_context(lock->name, lock->rank);
	lock_order_acquire(lock->name, lock->rank);
	take(lock);
}

bool spin_trylock(struct spinlock *lock)
{
	if (test_and_set(lock))
		return false;
	/* Whoever does not wait cannot deadlock: noted, not checked. */
	lock_order_note(lock->rank);
	return true;
}

void spin_unlock(struct spinlock *lock)
{
	lock_order_release(lock->rank);
	__atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
}

uint64_t spin_lock_irqsave(struct spinlock *lock)
{
	uint64_t flags = irq_save();

	lock_order_acquire(lock->name, lock->rank);
	take(lock);
	return flags;
}

void spin_unlock_irqrestore(struct spinlock *lock, uint64_t rflags)
{
	spin_unlock(lock);
	irq_restore(rflags);
}

/* SPDX-License-Identifier: MIT */
/*
 * Ticket spinlocks: whoever draws first gets in first, so no CPU starves.  The waiting
 * loop pauses; without that, an emulator that runs its CPUs in turns would let a
 * waiter burn its whole slice (spec 11.8).
 */
#include "kernel/lib/lock.h"
#include "kernel/cpu/x86.h"
#include "kernel/lib/lock_order.h"

void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank)
{
	*lock = (struct spinlock)SPINLOCK(name, rank);
}

static void ticket_wait(struct spinlock *lock)
{
	uint32_t ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);

	while (__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != ticket)
		cpu_relax();
}

void spin_lock(struct spinlock *lock)
{
	lock_order_check_context(lock->name, lock->rank);
	lock_order_acquire(lock->name, lock->rank);
	ticket_wait(lock);
}

bool spin_trylock(struct spinlock *lock)
{
	uint32_t owner = __atomic_load_n(&lock->owner, __ATOMIC_RELAXED);
	uint32_t free = owner;

	/* Draws a ticket only if that is the one being served now. */
	if (!__atomic_compare_exchange_n(&lock->next, &free, owner + 1, false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED))
		return false;
	/* Whoever does not wait cannot deadlock: noted, not checked. */
	lock_order_note(lock->rank);
	return true;
}

void spin_unlock(struct spinlock *lock)
{
	/* Only the holder writes owner, so this needs no locked instruction. */
	__atomic_store_n(&lock->owner, lock->owner + 1, __ATOMIC_RELEASE);
	lock_order_release(lock->rank);
}

uint64_t spin_lock_irqsave(struct spinlock *lock)
{
	uint64_t flags = irq_save();

	lock_order_acquire(lock->name, lock->rank);
	ticket_wait(lock);
	return flags;
}

void spin_unlock_irqrestore(struct spinlock *lock, uint64_t rflags)
{
	spin_unlock(lock);
	irq_restore(rflags);
}

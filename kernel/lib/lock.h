/* SPDX-License-Identifier: MIT */
/*
 * Spinlocks and the one lock order of this kernel.
 *
 * The kernel is not preemptible: an interrupt taken in kernel mode returns to the
 * code that it interrupted.  So a lock that is only ever taken by thread code needs
 * no interrupt disabling (spin_lock); one that interrupt handlers take as well
 * is always taken by spin_lock_irqsave.
 *
 * LOCK-1: a CPU acquires locks in strictly increasing rank, the order of enum
 * lock_rank.  Debug builds (CONFIG_DEBUG, the default) check it at every acquisition
 * and panic with both names.  Sleeping locks (sched/mutex.h) have ranks of the same
 * scale, all below the first spinlock: whoever holds a spinlock may not sleep, so
 * also may not touch user memory (LOCK-2).  And a lock that is ever held with interrupts on
 * is not waited for under one that interrupts take (LOCK-3): kernel/lib/lock_order.c.
 */
#pragma once

#include "kernel/cpu/x86.h"
#include "kernel/lib/compiler.h"

enum lock_rank {
	RANK_NONE,
	/* Sleeping locks (struct mutex).  No user copy under RANK_TREE or RANK_MM. */
	RANK_FILE_POS,	/* the position of one open file, during a read or write */
	RANK_INODE_WRITE, /* one file's contents and size, against other writers */
	RANK_TREE,	/* the directory tree: names and links */
	RANK_MM,	/* one address space: VMAs, page tables, brk */
	RANK_LAST_MUTEX = RANK_MM,
	/* Spinlocks. */
	RANK_FILES,	/* one file-descriptor table */
	RANK_FS_CONTEXT, /* cwd and umask of a process */
	RANK_NAMES,	/* names and parents in the tree, for those who build a path */
	RANK_INODE,	/* one inode's pages and size */
	RANK_PIPE,	/* one pipe's ring */
	RANK_PROCESS,	/* irq: process tree, pid table, thread lists, wait status */
	RANK_SIGNAL,	/* irq: one process's dispositions and pending signals */
	RANK_FUTEX,	/* one futex bucket */
	RANK_TTY,	/* irq: line discipline and input ring */
	RANK_ITIMER,	/* irq: interval timers of processes */
	RANK_TIMER,	/* irq: one CPU's timer queue */
	RANK_WAITQ,	/* irq: one wait queue */
	RANK_RUNQUEUE,	/* irq: one CPU's run queue */
	RANK_TLB,	/* irq: one CPU's shoot-down mailbox */
	RANK_VMAP,	/* kernel virtual address allocator */
	RANK_HEAP,	/* kmalloc's size classes */
	RANK_FRAMES,	/* irq: page-frame allocator */
	RANK_CONSOLE,	/* irq: kernel log and its devices */
};

struct spinlock {
	uint32_t locked;
	const char *name;
	enum lock_rank rank;
};

#define SPINLOCK(name_, rank_) { .name = (name_), .rank = (rank_) }

void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank);
/* Waits until nobody holds it, and takes it. */
void spin_wait(struct spinlock *lock);

/*
 * Debug: the book-keeping behind LOCK-1, shared with sched/mutex.c.  Without CONFIG_DEBUG nothing
 * is checked, and a lock that is free costs one locked instruction.
 */
#ifdef CONFIG_DEBUG
void lock_order_acquire(const char *name, enum lock_rank rank);
void lock_order_release(enum lock_rank rank);
/*
 * LOCK-3, called for plain spin_lock: a lock that is elsewhere held with interrupts on may not be
 * waited for under a lock that interrupts take.  (Its holder, interrupted, could be waiting for
 * that one.)  Nor may an interrupt take it, nor is one that interrupts take held with interrupts
 * on: the holder could be the interrupted code.
 */
void lock_order_check_context(const char *name, enum lock_rank rank);
/* Panics (LOCK-2) if this CPU holds a spinlock or has interrupts off. */
void might_sleep(void);
/* True if this CPU holds any spinlock; asserted false at every return to user. */
bool lock_any_held(void);
#else
static inline void lock_order_acquire(const char *name, enum lock_rank rank)
{
}
static inline void lock_order_release(enum lock_rank rank)
{
}
static inline void lock_order_check_context(const char *name, enum lock_rank rank)
{
}
static inline void might_sleep(void)
{
}
static inline bool lock_any_held(void)
{
	return false;
}
#endif

static inline bool spin_test_and_set(struct spinlock *lock)
{
	return __atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE);
}

static inline void spin_lock(struct spinlock *lock)
{
	lock_order_check_context(lock->name, lock->rank);
	lock_order_acquire(lock->name, lock->rank);
	if (unlikely(spin_test_and_set(lock)))
		spin_wait(lock);
}

static inline void spin_unlock(struct spinlock *lock)
{
	lock_order_release(lock->rank);
	__atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
}

/* Returns the RFLAGS value to give back to spin_unlock_irqrestore. */
static inline uint64_t spin_lock_irqsave(struct spinlock *lock)
{
	uint64_t flags = irq_save();

	lock_order_acquire(lock->name, lock->rank);
	if (unlikely(spin_test_and_set(lock)))
		spin_wait(lock);
	return flags;
}

static inline void spin_unlock_irqrestore(struct spinlock *lock, uint64_t rflags)
{
	spin_unlock(lock);
	irq_restore(rflags);
}

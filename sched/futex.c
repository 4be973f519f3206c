/* SPDX-License-Identifier: MIT */
/*
 * The table of futex waiters.
 *
 * A waiter queues up first and compares the word afterwards, because the word lies in user
 * memory, which nobody may touch under a spinlock (LOCK-2).  A waker changes the word first
 * and looks at the queue afterwards.  So one of the two sees the other.  The price: a waiter
 * may be woken although it was never going to sleep.  Then it hands the wake-up on to the next
 * one, and nothing is lost (FUTEX-1).
 *
 * A waiter leaves its stack frame only after it has taken the lock of its bucket once more, so
 * wakers, who hold that lock, may use the waiter and its thread to the end.
 */
#include <asm/errno.h>
#include <linux/futex.h>
#include <linux/mman.h>
#include "kernel/cpu/clock.h"
#include "kernel/cpu/x86.h"
#include "kernel/fs/file.h"
#include "kernel/mm/usercopy.h"
#include "kernel/mm/vma.h"
#include "kernel/process/signal.h"
#include "sched/futex.h"
#include "sched/sched.h"
#include "sched/timer.h"

#define BUCKET_BITS 8

/*
 * Private memory: address space and address.  Shared memory: inode number, which is never given out
 * again, and offset.  Nothing is held by it; it is only compared.
 */
struct futex_key {
	uint64_t object, offset;
};

struct futex_bucket;

struct futex_waiter {
	TAILQ_ENTRY(futex_waiter) link;	/* bucket's lock, as the rest */
	struct futex_bucket *bucket;	/* NULL: on its way to another one (futex_requeue) */
	struct futex_key key;
	uint32_t bitset;		/* once woken: the waker's */
	bool woken;			/* and off the queue */
	struct thread *thread;
};
TAILQ_HEAD(futex_queue, futex_waiter);

struct futex_bucket {
	struct spinlock lock;		/* RANK_FUTEX */
	struct futex_queue queue;	/* oldest first */
};

static struct futex_bucket buckets[1 << BUCKET_BITS] = {
	[0 ...(1 << BUCKET_BITS) - 1] = { .lock = SPINLOCK("futex", RANK_FUTEX) },
};

static int make_key(struct futex_key *key, uintptr_t addr, bool shared)
{
	struct mm *mm = current_thread()->mm;
	struct vma *vma;
	int err = 0;

	if (addr % sizeof(uint32_t))
		return -EINVAL;
	if (addr >= mm->task_size)
		return -EFAULT;
	*key = (struct futex_key){ (uintptr_t)mm, addr };
	if (!shared)
		return 0;
	mutex_lock(&mm->lock);
	vma = vma_find(mm, addr);
	if (!vma || vma->start > addr)
		err = -EFAULT;
	else if ((vma->flags & MAP_SHARED) && vma->file)
		*key = (struct futex_key){ vma->file->inode->ino,
					   vma->offset + (addr - vma->start) };
	mutex_unlock(&mm->lock);
	return err;
}

static bool key_equal(const struct futex_key *a, const struct futex_key *b)
{
	return a->object == b->object && a->offset == b->offset;
}

/* The key's bucket, locked.  Multiplicative hashing (Knuth vol. 3, 6.4). */
static struct futex_bucket *lock_bucket(const struct futex_key *key)
{
	uint64_t h = (key->object ^ key->offset >> 2) * 0x9e3779b97f4a7c15ull;
	struct futex_bucket *b = &buckets[h >> (64 - BUCKET_BITS)];

	spin_lock(&b->lock);
	if (unlikely(!b->queue.tqh_last))
		TAILQ_INIT(&b->queue);	/* first use */
	return b;
}

static void enqueue(struct futex_waiter *w)
{
	struct futex_bucket *b = lock_bucket(&w->key);

	w->bucket = b;
	TAILQ_INSERT_TAIL(&b->queue, w, link);
	spin_unlock(&b->lock);
}

/* Off the queue for good.  True: a waker had done it. */
static bool dequeue(struct futex_waiter *w)
{
	struct futex_bucket *b;

	for (;;) {
		b = __atomic_load_n(&w->bucket, __ATOMIC_ACQUIRE);
		if (b) {
			spin_lock(&b->lock);
			if (w->bucket == b)
				break;
			spin_unlock(&b->lock);
		}
		cpu_relax();	/* a requeue carries it over; it does not sleep meanwhile */
	}
	if (!w->woken)
		TAILQ_REMOVE(&b->queue, w, link);
	spin_unlock(&b->lock);
	return w->woken;
}

static void wake_one(struct futex_bucket *b, struct futex_waiter *w, uint32_t bitset)
{
	TAILQ_REMOVE(&b->queue, w, link);
	w->bitset = bitset;
	WRITE_ONCE(w->woken, true);
	thread_wake(w->thread, THREAD_SLEEPING);
}

static long wake_key(const struct futex_key *key, unsigned n, uint32_t bitset)
{
	struct futex_bucket *b = lock_bucket(key);
	struct futex_waiter *w, *next;
	unsigned woken = 0;

	for (w = TAILQ_FIRST(&b->queue); w && woken < n; w = next) {
		next = TAILQ_NEXT(w, link);
		if (!key_equal(&w->key, key) || !(w->bitset & bitset))
			continue;
		wake_one(b, w, bitset);
		woken++;
	}
	spin_unlock(&b->lock);
	return woken;
}

/*
 * The state is stored before the look at woken, at signals and at the clock: sched/wait.c says
 * why.
 */
static long sleep_until_woken(struct futex_waiter *w, struct deadline d)
{
	struct thread *t = w->thread;
	struct waiter set;
	long result;

	if (unlikely(d.realtime))
		set = (struct waiter){ 0 };
	for (;;) {
		uint64_t deadline;

		if (unlikely(d.realtime))
			wait_prepare(&clock_was_set, &set, THREAD_SLEEPING);
		else
			__atomic_store_n(&t->state, THREAD_SLEEPING, __ATOMIC_SEQ_CST);
		result = 0;
		if (READ_ONCE(w->woken))
			break;
		result = -ERESTARTSYS;
		if (signal_pending())
			break;
		result = -ETIMEDOUT;
		deadline = deadline_monotonic(d);
		if (deadline != TIMEOUT_NEVER && clock_monotonic_ns() >= deadline)
			break;
		schedule_until(deadline);
	}
	if (unlikely(d.realtime))
		wait_finish(&clock_was_set, &set);
	else
		WRITE_ONCE(t->state, THREAD_RUNNABLE);
	return result;
}

long futex_wait(uintptr_t addr, uint32_t value, uint32_t bitset, struct deadline deadline,
		bool shared)
{
	struct futex_waiter w = { .bitset = bitset, .thread = current_thread() };
	uint32_t found;
	long result;

	if (!bitset)
		return -EINVAL;
	result = make_key(&w.key, addr, shared);
	if (result)
		return result;
	enqueue(&w);
	result = get_user_u32(&found, (void __user *)addr);
	if (!result)
		result = found == value ? sleep_until_woken(&w, deadline) : -EAGAIN;
	if (!dequeue(&w))
		return result;
	if (result != -EAGAIN && result != -EFAULT)
		return 0;	/* woken, whatever else happened at the same time */
	wake_key(&w.key, 1, w.bitset);	/* FUTEX-1 */
	return result;
}

long futex_wake(uintptr_t addr, unsigned n, uint32_t bitset, bool shared)
{
	struct futex_key key;
	int err;

	if (!bitset)
		return -EINVAL;
	err = make_key(&key, addr, shared);
	return err ? err : wake_key(&key, n, bitset);
}

/*
 * Two buckets are never locked at once (LOCK-1): those to move are taken out of the one, and
 * have no bucket until they are in the other.
 */
long futex_requeue(uintptr_t from, uintptr_t to, unsigned wake, unsigned move, bool shared)
{
	struct futex_queue moving = TAILQ_HEAD_INITIALIZER(moving);
	struct futex_key key, new_key;
	struct futex_waiter *w, *next;
	struct futex_bucket *b;
	unsigned woken = 0, moved = 0;
	int err = make_key(&key, from, shared);

	if (!err)
		err = make_key(&new_key, to, shared);
	if (err)
		return err;
	b = lock_bucket(&key);
	for (w = TAILQ_FIRST(&b->queue); w && woken + moved < wake + move; w = next) {
		next = TAILQ_NEXT(w, link);
		if (!key_equal(&w->key, &key))
			continue;
		if (woken < wake) {
			wake_one(b, w, FUTEX_BITSET_MATCH_ANY);
			woken++;
			continue;
		}
		TAILQ_REMOVE(&b->queue, w, link);
		w->bucket = NULL;
		TAILQ_INSERT_TAIL(&moving, w, link);
		moved++;
	}
	spin_unlock(&b->lock);
	if (!moved)
		return woken;
	b = lock_bucket(&new_key);
	while ((w = TAILQ_FIRST(&moving))) {
		TAILQ_REMOVE(&moving, w, link);
		w->key = new_key;
		TAILQ_INSERT_TAIL(&b->queue, w, link);
		__atomic_store_n(&w->bucket, b, __ATOMIC_RELEASE);
	}
	spin_unlock(&b->lock);
	return woken + moved;
}

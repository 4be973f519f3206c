/* SPDX-License-Identifier: MIT */
/*
 * The checker of the lock order (LOCK-1 to LOCK-3), in debug builds.  Spinlocks are
 * noted per CPU; sleeping locks per thread, because a thread may sleep with one
 * and go on elsewhere.
 *
 * Spinlocks that are taken with interrupts on carry TAKEN_IRQS_ON: an interrupt may then come
 * and take locks of any rank.  That is harmless exactly if no one waits for such a lock
 * while holding one that interrupts take, which is LOCK-3.
 */
#include "kernel/lib/lock.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "sched/thread.h"

bool percpu_ready;

#ifdef CONFIG_DEBUG

#define TAKEN_IRQS_ON 0x80

#define IRQ_RANKS                                                                          \
	(1u << RANK_PROCESS | 1u << RANK_SIGNAL | 1u << RANK_TTY | 1u << RANK_TIMER |      \
	 1u << RANK_ITIMER | 1u << RANK_WAITQ | 1u << RANK_RUNQUEUE | 1u << RANK_TLB |     \
	 1u << RANK_FRAMES | 1u << RANK_CONSOLE)

static const char *rank_name(unsigned rank)
{
	static const char *const names[] = {
		[RANK_NONE] = "none",
		[RANK_FILE_POS] = "file pos",
		[RANK_INODE_WRITE] = "inode write",
		[RANK_TREE] = "tree",
		[RANK_MM] = "mm",
		[RANK_FILES] = "files",
		[RANK_FS_CONTEXT] = "fs context",
		[RANK_NAMES] = "names",
		[RANK_INODE] = "inode",
		[RANK_PIPE] = "pipe",
		[RANK_PROCESS] = "process",
		[RANK_SIGNAL] = "signal",
		[RANK_FUTEX] = "futex",
		[RANK_TTY] = "tty",
		[RANK_ITIMER] = "itimer",
		[RANK_TIMER] = "timer",
		[RANK_WAITQ] = "waitq",
		[RANK_RUNQUEUE] = "run queue",
		[RANK_TLB] = "tlb",
		[RANK_VMAP] = "vmap",
		[RANK_HEAP] = "heap",
		[RANK_FRAMES] = "frames",
		[RANK_CONSOLE] = "console",
	};

	_Static_assert(RANK_CONSOLE + 1 == 23, "a new rank needs a name here");
	return names[rank & ~TAKEN_IRQS_ON];
}

static __noreturn void order_panic(const char *name, enum lock_rank rank, unsigned held)
{
	panic("LOCK-1 violated: \"%s\" (rank %s) taken while holding rank %s", name,
	      rank_name(rank), rank_name(held));
}

/* Sleeping locks: LOCK-2 and the order among themselves. */
static void mutex_acquire(const char *name, enum lock_rank rank)
{
	struct thread *t = current_thread();

	might_sleep();
	if (!t)
		return;
	if (t->mutex_ranks >> rank)
		order_panic(name, rank, 31 - __builtin_clz(t->mutex_ranks));
	t->mutex_ranks |= 1u << rank;
}

static void note(enum lock_rank rank)
{
	struct percpu *pc = this_percpu();
	unsigned n = pc->locks_held;
	uint8_t entry = rank | (irqs_on() ? TAKEN_IRQS_ON : 0);

	ASSERT(n < ARRAY_SIZE(pc->lock_rank), "LOCK-1");
	/*
	 * An interrupt before the count goes up uses the same slot: so the entry is written
	 * before (nobody sees a stale one) and after (ours is what stays).
	 */
	WRITE_ONCE(pc->lock_rank[n], entry);
	WRITE_ONCE(pc->locks_held, n + 1);
	WRITE_ONCE(pc->lock_rank[n], entry);
}

void lock_order_acquire(const char *name, enum lock_rank rank)
{
	if (!percpu_ready)
		return;
	if (rank <= RANK_LAST_MUTEX) {
		mutex_acquire(name, rank);
		return;
	}
	const struct percpu *pc = this_percpu();

	for (unsigned i = 0; i < pc->locks_held; i++) {
		unsigned held = pc->lock_rank[i];

		if ((held & TAKEN_IRQS_ON) && pc->irq_depth)
			continue;	/* the interrupted code's */
		if (rank <= (held & ~TAKEN_IRQS_ON))
			order_panic(name, rank, held);
	}
	note(rank);
}

void lock_order_check_context(const char *name, enum lock_rank rank)
{
	if (!percpu_ready)
		return;
	if (IRQ_RANKS >> rank & 1) {
		if (irqs_on())
			panic("LOCK-3 violated: \"%s\" (rank %s) taken with interrupts on", name,
			      rank_name(rank));
		return;
	}
	const struct percpu *pc = this_percpu();

	if (pc->irq_depth)
		panic("LOCK-3 violated: \"%s\" (rank %s) taken in an interrupt", name,
		      rank_name(rank));
	for (unsigned i = 0; i < pc->locks_held; i++) {
		unsigned held = pc->lock_rank[i];

		if (!(held & TAKEN_IRQS_ON) && (IRQ_RANKS >> held & 1))
			panic("LOCK-3 violated: \"%s\" (rank %s) waited for while holding rank %s",
			      name, rank_name(rank), rank_name(held));
	}
}

static void mutex_release(enum lock_rank rank)
{
	struct thread *t = current_thread();

	if (t)
		t->mutex_ranks &= ~(1u << rank);
}

void lock_order_release(enum lock_rank rank)
{
	if (!percpu_ready)
		return;
	if (rank <= RANK_LAST_MUTEX) {
		mutex_release(rank);
		return;
	}
	struct percpu *pc = this_percpu();
	unsigned i = pc->locks_held;

	/* Nearly always the last one; the others move down. */
	while (i > 0 && (pc->lock_rank[i - 1] & ~TAKEN_IRQS_ON) != rank)
		i--;
	ASSERT(i > 0, "LOCK-1");
	for (; i < pc->locks_held; i++)
		pc->lock_rank[i - 1] = pc->lock_rank[i];
	WRITE_ONCE(pc->locks_held, pc->locks_held - 1);
}

void might_sleep(void)
{
	if (!percpu_ready || !current_thread())
		return;
	const struct percpu *pc = this_percpu();

	if (pc->locks_held)
		panic("LOCK-2 violated: sleep while holding rank %s",
		      rank_name(pc->lock_rank[pc->locks_held - 1]));
	ASSERT(irqs_on() && !pc->irq_depth, "LOCK-2");
}

bool lock_any_held(void)
{
	return percpu_ready && this_cpu(locks_held) != 0;
}

#endif

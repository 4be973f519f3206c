/* SPDX-License-Identifier: MIT */
/*
 * Pending signals: a set of numbers, and a queue with the details of some of them.
 *
 * Signals are sent from interrupts and with spinlocks held, where the heap must not be used.
 * So the queue's entries come from a fixed pool, with one bit for each; taking and freeing one
 * is a single atomic operation.  Mostly one signal is pending and soon taken: the first of those
 * that are merged while pending has its place in the set itself, and needs no entry.
 */
#include <asm/errno.h>
#include <asm/siginfo.h>
#include "kernel/debug/panic.h"
#include "kernel/process/signal_internal.h"

#define POOL         1024ul
#define POOL_RESERVE 128ul

static struct queued_signal pool[POOL];
static uint64_t pool_used[POOL / 64];	/* atomic */
static unsigned pool_count;		/* atomic: bits set */

/* NULL: limit entries are in use. */
static struct queued_signal *entry_alloc(uint64_t limit)
{
	if (__atomic_add_fetch(&pool_count, 1, __ATOMIC_RELAXED) > limit) {
		__atomic_sub_fetch(&pool_count, 1, __ATOMIC_RELAXED);
		return NULL;
	}
	for (unsigned w = 0; w < POOL / 64; w++) {
		uint64_t used = __atomic_load_n(&pool_used[w], __ATOMIC_RELAXED);

		while (~used) {
			unsigned bit = __builtin_ctzll(~used);

			if (__atomic_compare_exchange_n(&pool_used[w], &used, used | 1ull << bit,
							false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
				return &pool[w * 64 + bit];
		}
	}
	/* Entries came and went behind the search. */
	__atomic_sub_fetch(&pool_count, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void entry_free(struct queued_signal *q)
{
	unsigned i = q - pool;
	uint64_t bit = 1ull << (i % 64);
	uint64_t old = __atomic_fetch_and(&pool_used[i / 64], ~bit, __ATOMIC_RELEASE);

	ASSERT(old & bit, "SIG-1");
	__atomic_sub_fetch(&pool_count, 1, __ATOMIC_RELEASE);
}

/* What programs queue keeps to a limit, and leaves the last entries to faults and the kernel. */
static int queue_add(struct pending_signals *p, const struct signal_info *info, uint64_t limit)
{
	bool queues = info->signo >= SIGNAL_FIRST_QUEUED;
	bool by_kernel = !queues && info->code >= 0;
	struct queued_signal *q = entry_alloc(by_kernel ? POOL : MIN(limit, POOL - POOL_RESERVE));

	if (q) {
		q->info = *info;
		TAILQ_INSERT_TAIL(&p->queue, q, link);
	} else if ((queues && info->code != SI_USER) || info->of_timer) {
		return -EAGAIN;	/* without its value it would be worthless */
	}
	p->set |= SIGBIT(info->signo);
	return 0;
}

/* Of that timer, from before it was set anew. */
static bool queue_holds_timer(const struct pending_signals *p, const struct signal_info *info)
{
	const struct queued_signal *q;

	TAILQ_FOREACH(q, &p->queue, link)
		if (q->info.of_timer && q->info.signo == info->signo && q->info.pid == info->pid)
			return true;
	return false;
}

int pending_add(struct pending_signals *p, const struct signal_info *info, uint64_t limit)
{
	/* A timer stands still until its signal is taken: that must not get lost in another one. */
	if (info->of_timer)
		return queue_holds_timer(p, info) ? 0 : queue_add(p, info, limit);
	if (info->signo >= SIGNAL_FIRST_QUEUED)
		return queue_add(p, info, limit);
	if (p->set & SIGBIT(info->signo))
		return 0;
	if (p->single.signo)
		return queue_add(p, info, limit);
	p->single = *info;
	p->set |= SIGBIT(info->signo);
	return 0;
}

/* The first entry of signo leaves the queue; the number stays pending if there is a second one. */
static void queue_take(struct pending_signals *p, int signo, struct signal_info *info)
{
	struct queued_signal *q, *first = NULL;
	bool more = false;

	TAILQ_FOREACH(q, &p->queue, link) {
		if (q->info.signo != signo)
			continue;
		if (first) {
			more = true;
			break;
		}
		first = q;
	}
	if (!more)
		p->set &= ~SIGBIT(signo);
	if (!first) {
		*info = (struct signal_info){ .signo = signo, .code = SI_USER };
		return;
	}
	*info = first->info;
	TAILQ_REMOVE(&p->queue, first, link);
	entry_free(first);
}

/* A timer's may wait behind the single one. */
static bool queue_holds(const struct pending_signals *p, int signo)
{
	const struct queued_signal *q;

	TAILQ_FOREACH(q, &p->queue, link)
		if (q->info.signo == signo)
			return true;
	return false;
}

int pending_take(struct pending_signals *p, sigmask_t among, struct signal_info *info)
{
	sigmask_t ready = p->set & among;
	int signo;

	if (!ready)
		return 0;
	if (ready & SIGNALS_FAULT)
		ready &= SIGNALS_FAULT;
	signo = __builtin_ctzll(ready) + 1;
	if (p->single.signo != signo) {
		queue_take(p, signo, info);
		return signo;
	}
	*info = p->single;
	p->single.signo = 0;
	if (!queue_holds(p, signo))
		p->set &= ~SIGBIT(signo);
	return signo;
}

void pending_discard(struct pending_signals *p, sigmask_t which, struct pending_signals *kept)
{
	struct queued_signal *q, *next;

	if (!(p->set & which))
		return;
	p->set &= ~which;
	if (p->single.signo && (SIGBIT(p->single.signo) & which))
		p->single.signo = 0;
	for (q = TAILQ_FIRST(&p->queue); q; q = next) {
		next = TAILQ_NEXT(q, link);
		if (!(SIGBIT(q->info.signo) & which))
			continue;
		TAILQ_REMOVE(&p->queue, q, link);
		if (kept && q->info.of_timer) {
			TAILQ_INSERT_TAIL(&kept->queue, q, link);
			kept->set |= SIGBIT(q->info.signo);
		} else {
			entry_free(q);
		}
	}
}

void pending_discard_timers(struct pending_signals *p)
{
	struct queued_signal *q, *next;

	for (q = TAILQ_FIRST(&p->queue); q; q = next) {
		int signo = q->info.signo;

		next = TAILQ_NEXT(q, link);
		if (!q->info.of_timer)
			continue;
		TAILQ_REMOVE(&p->queue, q, link);
		entry_free(q);
		if (p->single.signo != signo && !queue_holds(p, signo))
			p->set &= ~SIGBIT(signo);
	}
}

void pending_flush(struct pending_signals *p)
{
	pending_discard(p, ~0ull, NULL);
}

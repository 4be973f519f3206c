/* SPDX-License-Identifier: MIT */
/*
 * The page-frame allocator.  Each CPU has a small stock of free frames, used with
 * interrupts off and without a lock.  Behind it is the pool: a list of frames that have
 * been in use, and the ranges of frames that never were ("virgin"), whose struct page
 * nobody has touched yet.
 */
#include "kernel/mm/frames.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/lock.h"
#include "kernel/lib/string.h"
#include "kernel/mm/frames_internal.h"

#define STOCK_MAX  64
#define STOCK_MOVE 32	/* frames that go to or from the pool at once */

struct stock {
	uint32_t count;
	uint32_t frame[STOCK_MAX];	/* frame numbers */
} __aligned(64);

static struct stock stocks[MAX_CPUS];

struct page *frame_table[2];
uint64_t frames_kept;
struct frame_pool frame_pool = { .lock = SPINLOCK("frames", RANK_FRAMES) };

/* Early at boot there is one CPU, and its GS base is not set. */
static struct stock *this_stock(void)
{
	return &stocks[likely(percpu_ready) ? this_cpu(cpu) : 0];
}

static struct page *page_number(uint32_t n)
{
	return frame_page((phys_t)n << PAGE_SHIFT);
}

/* The next virgin frame, 0: none. */
static uint32_t take_virgin(void)
{
	struct frame_pool *pool = &frame_pool;

	for (; pool->at < pool->virgin.n; pool->at++) {
		struct frame_range *r = &pool->virgin.range[pool->at];

		if (r->start < r->end)
			return r->start++;
	}
	return 0;
}

static __noinline bool stock_refill(struct stock *s)
{
	struct frame_pool *pool = &frame_pool;
	uint64_t flags = spin_lock_irqsave(&pool->lock);

	while (s->count < STOCK_MOVE) {
		uint32_t n = pool->list;

		if (n) {
			pool->list = page_number(--n)->next;
			pool->list_count--;
		} else {
			n = take_virgin();
			if (!n)
				break;
		}
		s->frame[s->count++] = n;
	}
	spin_unlock_irqrestore(&pool->lock, flags);
	return s->count != 0;
}

static __noinline void stock_drain(struct stock *s)
{
	struct frame_pool *pool = &frame_pool;
	uint64_t flags = spin_lock_irqsave(&pool->lock);

	for (unsigned i = 0; i < STOCK_MOVE; i++) {
		uint32_t n = s->frame[--s->count];

		page_number(n)->next = pool->list;
		pool->list = n + 1;
	}
	pool->list_count += STOCK_MOVE;
	spin_unlock_irqrestore(&pool->lock, flags);
}

phys_t frame_alloc(void)
{
	uint64_t flags = irq_save();
	struct stock *s = this_stock();

	if (unlikely(!s->count) && !stock_refill(s)) {
		irq_restore(flags);
		return 0;
	}
	uint32_t n = s->frame[--s->count];

	irq_restore(flags);
	page_number(n)->refs = 1;
	return (phys_t)n << PAGE_SHIFT;
}

phys_t frame_alloc_zeroed(void)
{
	phys_t frame = frame_alloc();

	if (likely(frame))
		memset(phys_to_virt(frame), 0, PAGE_SIZE);
	return frame;
}

phys_t frame_alloc_low(void)
{
	uint64_t flags = spin_lock_irqsave(&frame_pool.lock);
	uint64_t n = frame_ranges_take(&frame_pool.virgin, 1, 0, FRAMES_LOW);

	spin_unlock_irqrestore(&frame_pool.lock, flags);
	if (n)
		page_number(n)->refs = 1;
	return n << PAGE_SHIFT;
}

void frame_get(phys_t frame)
{
	uint32_t old = __atomic_fetch_add(&frame_page(frame)->refs, 1, __ATOMIC_RELAXED);

	/* A frame without an owner, or more owners than there can be honest ones. */
	ASSERT(old - 1 < INT32_MAX - 1u, "FRAME-1");
}

void frame_put(phys_t frame)
{
	struct page *page = frame_page(frame);
	uint32_t old = __atomic_fetch_sub(&page->refs, 1, __ATOMIC_ACQ_REL);

	ASSERT(old != 0, "FRAME-1");
	if (old != 1)
		return;
	uint64_t flags = irq_save();
	struct stock *s = this_stock();

	if (unlikely(s->count == STOCK_MAX))
		stock_drain(s);
	s->frame[s->count++] = frame >> PAGE_SHIFT;
	irq_restore(flags);
}

unsigned frame_refs(phys_t frame)
{
	return __atomic_load_n(&frame_page(frame)->refs, __ATOMIC_ACQUIRE);
}

void frames_free_range(phys_t start, phys_t end)
{
	uint64_t first = ALIGN_UP(start, PAGE_SIZE) >> PAGE_SHIFT, last = end >> PAGE_SHIFT;

	if (first >= last)
		return;
	uint64_t flags = spin_lock_irqsave(&frame_pool.lock);
	bool room = frame_ranges_add(&frame_pool.virgin, first, last);

	frame_pool.total += last - first;
	spin_unlock_irqrestore(&frame_pool.lock, flags);
	ASSERT(room, "FRAME-2");
}

/* Exact when no other CPU is allocating. */
struct frame_stats frame_stats(void)
{
	uint64_t flags = spin_lock_irqsave(&frame_pool.lock);
	struct frame_stats stats = {
		.total = frame_pool.total,
		.free = frame_pool.list_count + frame_ranges_count(&frame_pool.virgin),
	};

	spin_unlock_irqrestore(&frame_pool.lock, flags);
	for (unsigned c = 0; c < MAX_CPUS; c++)
		stats.free += READ_ONCE(stocks[c].count);
	stats.free += READ_ONCE(frames_kept);
	return stats;
}

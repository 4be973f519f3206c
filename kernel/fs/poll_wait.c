/* SPDX-License-Identifier: MIT */
/*
 * Waiting for several files. The first look queues the poller up where it may have to wait;
 * from then on its state is set before each look, so no wake-up falls between look and sleep.
 */
#include <linux/poll.h>
#include "kernel/fs/poll_wait.h"
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/vmap.h"
#include "sched/timer.h"

/* Files without a poll operation never make anybody wait. */
#define ALWAYS_READY (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM)

/* Giving back a range of vmap interrupts all CPUs: only where the heap has nothing as large. */
#define HEAP_ITEMS (PAGE_SIZE / sizeof(struct poll_item))

struct poll_item *poll_items_alloc(struct poll_item *small, size_t n)
{
	if (n > HEAP_ITEMS)
		return vmap_alloc(n * sizeof(*small));
	if (n > POLL_FEW)
		return kzalloc(n * sizeof(*small));
	memset(small, 0, n * sizeof(*small));
	return small;
}

void poll_items_free(struct poll_item *items, struct poll_item *small, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (items[i].file)
			file_put(items[i].file);
	}
	if (n > HEAP_ITEMS)
		vmap_free(items, n * sizeof(*items));
	else if (items != small)
		kfree(items);
}

static bool look(struct poll_item *item, struct poll_table *table)
{
	const struct file_ops *ops;
	unsigned mask = ALWAYS_READY;

	if (!item->file)
		return item->revents;	/* POLLNVAL, or not asked for */
	ops = item->file->ops;
	if (ops && ops->poll)
		mask = ops->poll(item->file, table);
	item->revents = mask & (item->events | POLLERR | POLLHUP);
	return item->revents;
}

/* Queues up on the first pass, while nothing is ready yet; sets the state on all. */
static long look_at_all(struct poll_item *items, size_t n, bool may_wait)
{
	long ready = 0;

	for (size_t i = 0; i < n; i++) {
		struct poll_table *table = &items[i].table;

		if (table->wq)
			wait_prepare(table->wq, &table->waiter, THREAD_SLEEPING);
		ready += look(&items[i], may_wait && !ready && !table->wq ? table : NULL);
	}
	return ready;
}

long poll_items_wait(struct poll_item *items, size_t n, uint64_t deadline)
{
	bool late = deadline == POLL_NOW;
	struct waiter own_waiter = { 0 };
	struct waitq own;	/* for sleeping without any file: nobody wakes it */
	long ret;

	if (late)
		return look_at_all(items, n, false);
	waitq_init(&own);
	for (;;) {
		wait_prepare(&own, &own_waiter, THREAD_SLEEPING);
		ret = look_at_all(items, n, true);
		if (ret || late)
			break;
		if (signal_pending()) {
			ret = -ERESTARTNOHAND;
			break;
		}
		late = schedule_until(deadline);
	}
	wait_finish(&own, &own_waiter);
	for (size_t i = 0; i < n; i++) {
		if (items[i].table.wq)
			wait_finish(items[i].table.wq, &items[i].table.waiter);
	}
	return ret;
}

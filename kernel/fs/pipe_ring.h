/* SPDX-License-Identifier: MIT */
/*
 * The bytes inside a pipe: 64 KiB in page frames that come and go with the data.
 *
 * head and tail count bytes for ever (modulo 2^32); the page of a byte is its number's
 * bits above the page offset.  As 64 KiB that start in mid-page touch 17 pages, there are 32 slots.
 * One writer at a time moves head, one reader tail, so they need no common lock: data and slot
 * are in place before head shows them, and free again before tail does.
 */
#pragma once

#include "kernel/fs/iobuf.h"
#include "kernel/mm/frames.h"

#define PIPE_SIZE  65536u
#define PIPE_SLOTS 32u

struct pipe_ring {
	uint32_t head, tail;
	phys_t spare;			/* atomic: one frame kept for the next page */
	phys_t slot[PIPE_SLOTS];
};

static inline uint32_t pipe_ring_used(const struct pipe_ring *r)
{
	/*
	 * In this order, so that who holds neither end's lock may see too much, but never
	 * less than none.
	 */
	uint32_t tail = __atomic_load_n(&r->tail, __ATOMIC_SEQ_CST);
	uint32_t used = __atomic_load_n(&r->head, __ATOMIC_SEQ_CST) - tail;

	return MIN(used, PIPE_SIZE);
}

/*
 * Bytes that can be put. Counted in pages as on Linux: the rest of a page that was begun to
 * be read is free only after its last byte.
 */
static inline uint32_t pipe_ring_room(const struct pipe_ring *r)
{
	uint32_t used = pipe_ring_used(r);

	if (!used)
		return PIPE_SIZE;
	used += __atomic_load_n(&r->tail, __ATOMIC_SEQ_CST) % PAGE_SIZE;
	return used < PIPE_SIZE ? PIPE_SIZE - used : 0;
}

/* Up to n <= room bytes from buf + offset.  Bytes done, -EFAULT, -ENOMEM. */
long pipe_ring_put(struct pipe_ring *r, struct iobuf buf, size_t offset, size_t n);
/* Up to n bytes of what is there to buf.  Bytes done, 0 where there are none, -EFAULT. */
long pipe_ring_get(struct pipe_ring *r, struct iobuf buf, size_t n);
void pipe_ring_free(struct pipe_ring *r);

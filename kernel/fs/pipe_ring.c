/* SPDX-License-Identifier: MIT */
/* The bytes inside a pipe; the header tells how they are kept. */
#include <asm/errno.h>
#include "kernel/fs/pipe_ring.h"

static phys_t *slot_of(struct pipe_ring *r, uint32_t at)
{
	return &r->slot[at / PAGE_SIZE % PIPE_SLOTS];
}

static phys_t new_page(struct pipe_ring *r)
{
	phys_t frame = __atomic_exchange_n(&r->spare, 0, __ATOMIC_ACQUIRE);

	return frame ?: frame_alloc();
}

static void drop_page(struct pipe_ring *r, uint32_t at)
{
	phys_t *slot = slot_of(r, at);
	phys_t frame = __atomic_exchange_n(&r->spare, *slot, __ATOMIC_RELEASE);

	*slot = 0;
	if (frame)
		frame_put(frame);
}

long pipe_ring_put(struct pipe_ring *r, struct iobuf buf, size_t offset, size_t n)
{
	uint32_t head = r->head;
	size_t done = 0;
	long err = -EFAULT;

	while (done < n) {
		size_t chunk = MIN(n - done, (size_t)(PAGE_SIZE - head % PAGE_SIZE)), left;
		phys_t *slot = slot_of(r, head);

		/* A page may be there though nothing was put into it: after a fault. */
		if (!*slot)
			*slot = new_page(r);
		if (!*slot) {
			err = -ENOMEM;
			break;
		}
		left = iobuf_fetch((char *)phys_to_virt(*slot) + head % PAGE_SIZE, buf,
				   offset + done, chunk);
		if (left)
			break;		/* as on Linux, nothing of a chunk with a bad page counts */
		head += chunk;
		done += chunk;
	}
	/* Full barrier: the caller then looks for sleepers. */
	__atomic_exchange_n(&r->head, head, __ATOMIC_SEQ_CST);
	return done ? (long)done : err;
}

long pipe_ring_get(struct pipe_ring *r, struct iobuf buf, size_t n)
{
	uint32_t tail = r->tail;
	size_t done = 0;

	n = MIN(n, (size_t)pipe_ring_used(r));
	if (!n)
		return 0;
	while (done < n) {
		size_t chunk = MIN(n - done, (size_t)(PAGE_SIZE - tail % PAGE_SIZE)), left;
		const char *page = phys_to_virt(*slot_of(r, tail));

		left = iobuf_store(buf, done, page + tail % PAGE_SIZE, chunk);
		if (left)
			break;		/* as on Linux, all of the chunk stays in the pipe */
		if ((tail + chunk) % PAGE_SIZE == 0)
			drop_page(r, tail);
		tail += chunk;
		done += chunk;
	}
	__atomic_exchange_n(&r->tail, tail, __ATOMIC_SEQ_CST);
	return done ? (long)done : -EFAULT;
}

void pipe_ring_free(struct pipe_ring *r)
{
	for (unsigned i = 0; i < PIPE_SLOTS; i++) {
		if (r->slot[i])
			frame_put(r->slot[i]);
	}
	if (r->spare)
		frame_put(r->spare);
}

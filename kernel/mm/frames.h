/* SPDX-License-Identifier: MIT */
/*
 * Page frames.  struct page holds a frame's reference count; a frame that was never
 * used has no initialised struct page yet, so boot time does not grow with memory.
 */
#pragma once

#include "boot/boot_info.h"
#include "kernel/mm/layout.h"

typedef uint64_t phys_t;

struct page {
	uint32_t refs;		/* atomic; 0 = free */
	uint32_t next;		/* frame number + 1 in the free list */
};

/*
 * Takes over all RANGE_RAM except the kernel image, the modules, the first MiB and what
 * the allocator itself needs.  fatal() under 16 MiB.  Modules are freed later, one by one.
 */
void frames_init(const struct boot_info *info);
void frames_free_range(phys_t start, phys_t end);

/* One frame with reference count 1, contents undefined / zeroed.  0: out of memory.  Any context. */
phys_t frame_alloc(void);
phys_t frame_alloc_zeroed(void);
/* 2^order contiguous frames for boot-time needs below 4 GiB (APs, DMA-like); boot only. */
phys_t frame_alloc_low(void);
void frame_get(phys_t frame);
/* Drops one reference; the last one frees the frame. */
void frame_put(phys_t frame);
unsigned frame_refs(phys_t frame);

struct frame_stats {
	uint64_t total, free;
};
struct frame_stats frame_stats(void);

static inline void *phys_to_virt(phys_t p)
{
	return (void *)(p + DIRECT_MAP_BASE);
}

/* Only for addresses inside the direct map or the kernel image. */
phys_t virt_to_phys(const void *v);

/* SPDX-License-Identifier: MIT */
/*
 * Page frames.  struct page holds a frame's reference count; a frame that was never
 * used has no initialised struct page yet, so boot time does not grow with memory.
 */
#pragma once

#include "boot/boot_info.h"
#include "kernel/mm/layout.h"

typedef uint64_t phys_t;

/* What is known of a frame.  next links it to another one of its kind: frame number + 1, 0 ends. */
struct page {
	uint32_t refs;		/* atomic; 0 = free */
	uint32_t next;		/* free list; heap: frames with room; page tables of an mm */
	uint32_t prev;		/* heap: the other direction; page tables: their parent */
	uint16_t used;		/* heap: objects handed out; page tables: index in the parent */
	uint8_t first;		/* heap: first free object */
	uint8_t class;		/* heap: size class */
};

/* Memory above is left alone: frame numbers fit 32 bits. */
#define MEMORY_LIMIT (1ull << 44)

/*
 * Takes over all RANGE_RAM except the kernel image, the modules, the first MiB and what
 * the allocator itself needs.  fatal() under 16 MiB.  Modules are freed later, one by one.
 */
void frames_init(const struct boot_info *info);
void frames_free_range(phys_t start, phys_t end);

/* One frame with one reference, contents undefined / zeroed.  0: out of memory.  Any context. */
phys_t frame_alloc(void);
phys_t frame_alloc_zeroed(void);
/* One frame below 4 GiB, for what 32-bit code must reach (AP start); boot only. */
phys_t frame_alloc_low(void);
void frame_get(phys_t frame);
/* Drops one reference; the last one frees the frame. */
void frame_put(phys_t frame);
unsigned frame_refs(phys_t frame);

struct frame_stats {
	uint64_t total, free;
};
struct frame_stats frame_stats(void);
/* Atomic: frames that others keep for reuse (clean page tables, stacks); they count as free. */
extern uint64_t frames_kept;

static inline void *phys_to_virt(phys_t p)
{
	return (void *)(p + DIRECT_MAP_BASE);
}

/* [0] describes the frames below 4 GiB, [1] those above; both are indexed by frame number. */
#define FRAMES_LOW (1ul << (32 - PAGE_SHIFT))
extern struct page *frame_table[2];

static inline struct page *frame_page(phys_t frame)
{
	uint64_t n = frame >> PAGE_SHIFT;

	return frame_table[n >= FRAMES_LOW] + n;
}

/* Only for addresses inside the direct map or the kernel image. */
phys_t virt_to_phys(const void *v);

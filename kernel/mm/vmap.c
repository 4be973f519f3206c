/* SPDX-License-Identifier: MIT */
/*
 * The kernel's virtual ranges.  The area is dealt out in slots: one guard page, then a power
 * of two of pages, of which the last ones may stay unmapped.  The next slot's guard closes the
 * range above.  Slots that come back are kept in one list for each size and never joined:
 * sizes are few, and the area has room for millions of thread stacks.
 *
 * A free slot needs no memory for its list link: the page-table entry of its first page is not
 * present, so the hardware ignores the rest of it, and the link stands there.
 */
#include "kernel/mm/vmap.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/lock.h"
#include "kernel/mm/kernel_tables.h"

#define ORDERS      16	/* up to 2^15 pages in one range: enough for any framebuffer */
#define STACKS_KEPT 64

static struct spinlock vmap_lock = SPINLOCK("vmap", RANK_VMAP);
static uintptr_t next_slot = VMAP_BASE;
static uintptr_t free_slots[ORDERS];

static unsigned order_of(size_t size)
{
	size_t pages = ALIGN_UP(size, PAGE_SIZE) >> PAGE_SHIFT;

	return pages > 1 ? 64 - __builtin_clzl(pages - 1) : 0;
}

static uintptr_t take_new_slot(unsigned order)
{
	uintptr_t first = next_slot + PAGE_SIZE;
	uintptr_t end = first + (PAGE_SIZE << order);

	/* One more page: the guard above the last slot. */
	if (end + PAGE_SIZE > VMAP_BASE + VMAP_SIZE)
		return 0;
	next_slot = end;
	return first;
}

/* The first byte of an unmapped range with 2^order pages, 0: none. */
static uintptr_t slot_alloc(unsigned order)
{
	if (order >= ORDERS)
		return 0;
	spin_lock(&vmap_lock);
	uintptr_t first = free_slots[order];

	if (first) {
		pte_t *link = kernel_pte(first);

		free_slots[order] = *link;
		*link = 0;
	} else {
		first = take_new_slot(order);
	}
	spin_unlock(&vmap_lock);
	return first;
}

static void slot_free(uintptr_t first, unsigned order)
{
	spin_lock(&vmap_lock);
	pte_t *link = kernel_pte(first);

	/* No table, because there was no memory for it, no place for the link: slot given up. */
	if (link) {
		*link = free_slots[order];
		free_slots[order] = first;
	}
	spin_unlock(&vmap_lock);
}

/* Unmaps first, flushes, and only then frees: no CPU can reach a frame that has a new owner. */
void vmap_free(void *p, size_t size)
{
	uintptr_t first = (uintptr_t)p;
	uint32_t list = 0;

	if (!p)
		return;
	for (uintptr_t at = first; at < first + size; at += PAGE_SIZE) {
		phys_t frame = kernel_unmap(at);

		if (frame) {
			frame_page(frame)->next = list;
			list = (frame >> PAGE_SHIFT) + 1;
		}
	}
	tlb_flush_kernel(first, first + ALIGN_UP(size, PAGE_SIZE));
	while (list) {
		phys_t frame = (phys_t)(list - 1) << PAGE_SHIFT;

		list = frame_page(frame)->next;
		frame_put(frame);
	}
	slot_free(first, order_of(size));
}

void *vmap_alloc(size_t size)
{
	uintptr_t first = size ? slot_alloc(order_of(size)) : 0;

	if (!first)
		return NULL;
	for (uintptr_t at = first; at < first + size; at += PAGE_SIZE) {
		phys_t frame = frame_alloc_zeroed();

		if (!frame || kernel_map(at, frame, PTE_W | PTE_NX)) {
			if (frame)
				frame_put(frame);
			vmap_free((void *)first, size);
			return NULL;
		}
	}
	return (void *)first;
}

static volatile void *map_device(phys_t phys, size_t size, uint64_t flags)
{
	size_t offset = phys % PAGE_SIZE;
	size_t len = ALIGN_UP(offset + size, PAGE_SIZE);
	uintptr_t first = slot_alloc(order_of(len));

	if (!first)
		return NULL;
	for (size_t at = 0; at < len; at += PAGE_SIZE) {
		if (!kernel_map(first + at, phys - offset + at, flags | PTE_W | PTE_NX))
			continue;
		while (at) {
			at -= PAGE_SIZE;
			kernel_unmap(first + at);
		}
		slot_free(first, order_of(len));
		return NULL;
	}
	return (volatile void *)(first + offset);
}

volatile void *vmap_mmio(phys_t phys, size_t size)
{
	return map_device(phys, size, PTE_PCD | PTE_PWT);
}

volatile void *vmap_video(phys_t phys, size_t size)
{
	return map_device(phys, size, PTE_PWT);
}

bool vmap_is_guard(uintptr_t addr, uintptr_t *start)
{
	uintptr_t above = ALIGN_DOWN(addr, PAGE_SIZE) + PAGE_SIZE;

	if (addr < VMAP_BASE || above >= VMAP_BASE + VMAP_SIZE)
		return false;
	if (paging_lookup(kernel_pml4, addr) || !paging_lookup(kernel_pml4, above))
		return false;
	*start = above;
	return true;
}

/*
 * Dead threads' stacks are kept, linked through their lowest word, so that fork and exit cost
 * neither page-table work nor a shoot-down.
 */
static struct {
	struct spinlock lock;
	void *list;
	unsigned count;
} stacks = { .lock = SPINLOCK("stacks", RANK_VMAP) };

void *stack_alloc(void)
{
	uint64_t flags = spin_lock_irqsave(&stacks.lock);
	void *stack = stacks.list;

	if (stack) {
		stacks.list = *(void **)stack;
		stacks.count--;
		__atomic_fetch_sub(&frames_kept, KERNEL_STACK_SIZE / PAGE_SIZE, __ATOMIC_RELAXED);
	}
	spin_unlock_irqrestore(&stacks.lock, flags);
	return stack ? stack : vmap_alloc(KERNEL_STACK_SIZE);
}

void stack_free(void *stack)
{
	uint64_t flags = spin_lock_irqsave(&stacks.lock);
	bool keep = stacks.count < STACKS_KEPT;

	if (keep) {
		*(void **)stack = stacks.list;
		stacks.list = stack;
		stacks.count++;
		__atomic_fetch_add(&frames_kept, KERNEL_STACK_SIZE / PAGE_SIZE, __ATOMIC_RELAXED);
	}
	spin_unlock_irqrestore(&stacks.lock, flags);
	if (!keep)
		vmap_free(stack, KERNEL_STACK_SIZE);
}

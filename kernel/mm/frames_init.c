/* SPDX-License-Identifier: MIT */
/*
 * Boot: which frames the allocator gets, and where its struct page arrays live.  Nothing
 * here depends on how much memory there is, only on the number of ranges.
 */
#include "kernel/mm/frames.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/print.h"
#include "kernel/mm/frames_internal.h"
#include "kernel/mm/image.h"

#define MEMORY_MIN MIB(16)

static void add_ram(struct frame_ranges *set, const struct boot_range *r)
{
	uint64_t first = ALIGN_UP(r->start, PAGE_SIZE) >> PAGE_SHIFT;
	uint64_t last = MIN(r->end, MEMORY_LIMIT) >> PAGE_SHIFT;

	if (r->end > MEMORY_LIMIT)
		printk("memory: RAM above %llu GiB is not used\n", MEMORY_LIMIT >> 30);
	/* Cut at 4 GiB, so that each range belongs to one frame table. */
	frame_ranges_add(set, first, MIN(last, FRAMES_LOW));
	frame_ranges_add(set, MAX(first, FRAMES_LOW), last);
}

static void reserve(struct frame_ranges *set, phys_t start, phys_t end)
{
	if (start < end)
		ASSERT(frame_ranges_remove(set, start >> PAGE_SHIFT,
					   ALIGN_UP(end, PAGE_SIZE) >> PAGE_SHIFT), "FRAME-2");
}

/*
 * Sets memory aside, inside [low, high) itself, for the struct pages of all its frames.  If
 * the ranges are so scattered that no one of them can hold the array, the uppermost goes unused.
 */
static void place_table(struct frame_ranges *set, unsigned table, uint64_t low, uint64_t high)
{
	for (;;) {
		uint64_t first = high, last = low;
		struct frame_range *top = NULL;

		for (unsigned i = 0; i < set->n; i++) {
			struct frame_range *r = &set->range[i];

			if (r->start >= r->end || r->start < low || r->end > high)
				continue;
			first = MIN(first, r->start);
			if (r->end > last) {
				last = r->end;
				top = r;
			}
		}
		if (!top)
			return;
		uint64_t bytes = (last - first) * sizeof(struct page);
		uint64_t pages = ALIGN_UP(bytes, PAGE_SIZE) >> PAGE_SHIFT;
		uint64_t at = frame_ranges_take(set, pages, low, high);

		if (at) {
			uintptr_t base = (uintptr_t)phys_to_virt(at << PAGE_SHIFT);

			frame_table[table] = (struct page *)(base - first * sizeof(struct page));
			return;
		}
		printk("memory: RAM at %#llx is too far from the rest, not used\n",
		       (unsigned long long)top->start << PAGE_SHIFT);
		top->end = top->start;
	}
}

void frames_init(const struct boot_info *info)
{
	struct frame_ranges *set = &frame_pool.virgin;

	for (unsigned i = 0; i < info->nranges; i++)
		if (info->range[i].type == RANGE_RAM)
			add_ram(set, &info->range[i]);
	uint64_t ram = frame_ranges_count(set) << PAGE_SHIFT;

	if (ram < MEMORY_MIN)
		fatal("too little memory: %llu KiB of RAM, %llu are needed",
		      (unsigned long long)ram >> 10, (unsigned long long)MEMORY_MIN >> 10);
	reserve(set, 0, MIB(1));
	reserve(set, (phys_t)__image_phys_start, (phys_t)__image_phys_end);
	for (unsigned i = 0; i < info->nmodules; i++) {
		const struct boot_module *m = &info->module[i];

		/* Its memory is given back later, the kernel's never. */
		if (MAX(m->start, (phys_t)__image_phys_start) <
		    MIN(m->end, (phys_t)__image_phys_end))
			fatal("boot module %u overlaps the kernel", i);
		reserve(set, m->start, m->end);
	}
	place_table(set, 0, 0, FRAMES_LOW);
	place_table(set, 1, FRAMES_LOW, MEMORY_LIMIT >> PAGE_SHIFT);
	frame_ranges_sort(set);
	frame_pool.total = frame_ranges_count(set);
	if (!frame_table[0])
		fatal("no RAM below 4 GiB that is large enough to begin with");
}

/* SPDX-License-Identifier: MIT */
/*
 * Names for addresses.  The table is made by kernel/debug/symbols.py from the first link and
 * added in the second; in the first link it is empty, so its borders are all we refer to.
 */
#include "kernel/debug/panic.h"
#include "kernel/mm/layout.h"

extern const uint32_t __symbols_start[], __symbols_end[];
extern const char __text_start[], __text_end[];

static bool in_text(uintptr_t addr)
{
	return addr >= (uintptr_t)__text_start && addr < (uintptr_t)__text_end;
}

const char *symbol_lookup(uintptr_t addr, uintptr_t *offset)
{
	const uint32_t *table = __symbols_start;
	uint32_t count = __symbols_end - __symbols_start > 0 ? table[0] : 0;
	const uint32_t *start = table + 1, *name = start + count;
	const char *names = (const char *)(name + count);
	uint32_t target = addr - KERNEL_BASE, low = 0, high = count;

	*offset = 0;
	/* The number of symbols that start at or below the target. */
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (start[middle] <= target)
			low = middle + 1;
		else
			high = middle;
	}
	if (!in_text(addr) || low == 0)
		return "?";
	*offset = target - start[low - 1];
	return names + name[low - 1];
}

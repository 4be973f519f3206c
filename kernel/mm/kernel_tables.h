/* SPDX-License-Identifier: MIT */
/* What the files that build and check the kernel's page tables share. */
#pragma once

#include "kernel/mm/paging.h"

/* Index into a table of the given level (1: page table ... 4: PML4). */
static inline unsigned table_index(uintptr_t virt, unsigned level)
{
	return virt >> (PAGE_SHIFT + 9 * (level - 1)) & 511;
}

/* Bytes that one entry of the given level maps. */
static inline uint64_t level_size(unsigned level)
{
	return 1ull << (PAGE_SHIFT + 9 * (level - 1));
}

static inline pte_t *table_of(pte_t entry)
{
	return phys_to_virt(entry & PTE_FRAME);
}

/*
 * The entry of the given level for virt in the kernel's tables; makes the tables above it.
 * NULL: out of memory.  At boot, or with the lock of kernel_map held.
 */
pte_t *kernel_entry(uintptr_t virt, unsigned level);
/* Its page-table entry, NULL if there is no table yet. */
pte_t *kernel_pte(uintptr_t virt);

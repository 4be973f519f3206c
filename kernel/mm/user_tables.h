/* SPDX-License-Identifier: MIT */
/*
 * The page tables of a user address space: 4 KiB pages only.  All with mm->lock held, or on an
 * mm that nobody else can see.
 *
 * Tables are freed only with the address space (their frames are chained in mm->tables), so a
 * pointer to an entry stays good while the lock is held, and unmapping never has to flush the
 * CPUs' caches of upper-level entries.
 */
#pragma once

#include <linux/mman.h>
#include "kernel/mm/kernel_tables.h"
#include "kernel/mm/mm.h"

/* Bits that the hardware leaves to us (SDM vol. 3, table 4-20). */
#define PTE_NOREF (1ull << 9)	/* the frame is not counted: the shared zero page */
#define PTE_NONE  (1ull << 10)	/* PROT_NONE: not present, but keeps its frame */

#define TABLE_SPAN (1ul << 21)	/* what one page table maps */

/* A fresh PML4 with the kernel half.  False: out of memory. */
bool user_tables_create(struct mm *mm);
/* All entries of the page tables have been cleared before. */
void user_tables_free(struct mm *mm);

/* The page table (level 1) for addr, made as needed.  NULL: out of memory. */
pte_t *user_table_make(struct mm *mm, uintptr_t addr);
/*
 * The first page table at or after *addr and below end; *addr moves forward past
 * everything that has none.  NULL: there is no further one.
 */
pte_t *user_table_next(const struct mm *mm, uintptr_t *addr, uintptr_t end);
/* The entry for addr, NULL where there is no table. */
pte_t *user_pte(const struct mm *mm, uintptr_t addr);

/* Removes all pages of [start, end), flushes, and puts their frames. */
void user_pages_zap(struct mm *mm, uintptr_t start, uintptr_t end);
/* Gives the pages of [start, end) the rights of prot; shared: of a shared mapping. */
void user_pages_protect(struct mm *mm, uintptr_t start, uintptr_t end, unsigned prot, bool shared);
/*
 * Moves pages to another, empty range of the same length.  -ENOMEM: nothing has moved.
 * Neither range is flushed on success or failure; the caller does it.
 */
int user_pages_move(struct mm *mm, uintptr_t from, uintptr_t to, size_t len);
/* fork: shares vma's pages with child; private ones become read-only in both.  -ENOMEM. */
int user_pages_copy(struct mm *child, struct mm *parent, const struct vma *vma);

/* The entry for a frame under prot.  writable: may be written right now, too. */
static inline pte_t user_pte_value(phys_t frame, unsigned prot, bool writable)
{
	if (!prot)
		return frame | PTE_NONE;
	/* A and D are set in advance, or the CPU would have to write them. */
	return frame | PTE_P | PTE_U | PTE_A | (prot & PROT_EXEC ? 0 : PTE_NX) |
	       (writable ? PTE_W | PTE_D : 0);
}

static inline uintptr_t table_end(uintptr_t addr, uintptr_t end)
{
	uintptr_t next = ALIGN_DOWN(addr, TABLE_SPAN) + TABLE_SPAN;

	return MIN(next, end);
}

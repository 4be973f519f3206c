/* SPDX-License-Identifier: MIT */
/*
 * Local descriptor tables: one for each address space that asked for it (spec 3.5).
 *
 * A table never changes once it is installed: a change is a new table, swapped in under mm->lock,
 * loaded by all CPUs that run the address space, and only then is the old one freed (LDT-1).  So a
 * CPU reads either all of the old or all of the new, and fork copies a table that stands still.
 *
 * Every descriptor has its accessed bit set, so the CPU never writes to the table (as GDT-1); it
 * lies in ordinary kernel memory, which user mode cannot reach.
 */
#pragma once

#include "kernel/mm/mm.h"

#define LDT_MAX_ENTRIES 8192	/* all that a selector can name; asm/ldt.h LDT_ENTRIES */

struct ldt {
	unsigned entries;
	uint64_t system[2];		/* its descriptor for the GDT */
	uint64_t *table;
};

/*
 * A copy of mm's table with one entry changed takes its place.  Entries in between are empty.  0,
 * -ENOMEM. Thread context, no lock held.
 */
int ldt_set_entry(struct mm *mm, unsigned entry, uint64_t descriptor);
/* Copies the first bytes of the table; returns how many there were.  Thread context. */
size_t ldt_read(struct mm *mm, void *to, size_t size);

/*
 * fork: the child gets a table of its own with the same contents; parent->lock is held.  0,
 * -ENOMEM.
 */
int ldt_copy(struct mm *child, const struct mm *parent);
void ldt_free(struct ldt *ldt);	/* NULL is fine */

/*
 * Makes LDTR of this CPU what next wants (NULL: none).  Interrupts off; mm_switch and the shoot-
 * down call it.
 */
void ldt_load(const struct ldt *next);
/* The shoot-down: the running thread's table may be a new one. */
void ldt_reload_current(void);

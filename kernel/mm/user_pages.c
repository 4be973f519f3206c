/* SPDX-License-Identifier: MIT */
/*
 * What happens to ranges of user pages: removal, change of rights, moving, sharing by fork.  None
 * outlives its VMA (MM-2).
 */
#include <asm/errno.h>
#include "kernel/mm/user_tables.h"
#include "kernel/mm/tlb.h"

/* Frames whose entries are cleared but which a TLB may still know. */
struct gather {
	struct mm *mm;
	uintptr_t start, end;
	unsigned n;
	phys_t frame[64];
};

static void gather_flush(struct gather *g)
{
	if (g->start < g->end)
		tlb_flush_mm(g->mm, g->start, g->end);
	for (unsigned i = 0; i < g->n; i++)
		frame_put(g->frame[i]);
	g->n = 0;
	g->start = UINTPTR_MAX;
	g->end = 0;
}

static void zap_page(struct gather *g, pte_t *pte, uintptr_t at)
{
	pte_t old = *pte;

	/* The CPU may set A or D at any time, but only while the entry is present. */
	*pte = 0;
	g->start = MIN(g->start, at);
	g->end = at + PAGE_SIZE;
	if (old & PTE_NOREF)
		return;
	g->mm->resident_pages--;
	g->frame[g->n++] = old & PTE_FRAME;
	if (g->n == ARRAY_SIZE(g->frame))
		gather_flush(g);
}

/* On an mm without CPUs tlb_flush_mm finds nothing to do, so exit takes this path as well. */
void user_pages_zap(struct mm *mm, uintptr_t start, uintptr_t end)
{
	struct gather g = { .mm = mm, .start = UINTPTR_MAX };
	pte_t *table;

	while ((table = user_table_next(mm, &start, end))) {
		uintptr_t stop = table_end(start, end);
		pte_t *pte = &table[table_index(start, 1)];

		for (; start < stop; start += PAGE_SIZE, pte++)
			if (*pte)
				zap_page(&g, pte, start);
	}
	gather_flush(&g);
}

static pte_t protected_pte(pte_t old, unsigned prot, bool shared)
{
	phys_t frame = old & PTE_FRAME;
	bool writable = prot & PROT_WRITE;

	/* A private frame with other users stays read-only until it is copied. */
	if (writable && !shared)
		writable = !(old & PTE_NOREF) && frame_refs(frame) == 1;
	return user_pte_value(frame, prot, writable) | (old & PTE_NOREF);
}

void user_pages_protect(struct mm *mm, uintptr_t start, uintptr_t end, unsigned prot, bool shared)
{
	uintptr_t first = UINTPTR_MAX, last = 0;
	pte_t *table;

	while ((table = user_table_next(mm, &start, end))) {
		uintptr_t stop = table_end(start, end);
		pte_t *pte = &table[table_index(start, 1)];

		for (; start < stop; start += PAGE_SIZE, pte++) {
			pte_t old = *pte;

			if (!old)
				continue;
			*pte = protected_pte(old, prot, shared);
			/* Only a right that was taken away can be stale in a TLB. */
			if ((old & ~*pte & (PTE_P | PTE_W)) || (~old & *pte & PTE_NX)) {
				first = MIN(first, start);
				last = start + PAGE_SIZE;
			}
		}
	}
	if (first < last)
		tlb_flush_mm(mm, first, last);
}

int user_pages_move(struct mm *mm, uintptr_t from, uintptr_t to, size_t len)
{
	uintptr_t end = from + len, at = from;
	pte_t *table;

	/* All target tables first: after that nothing can fail. */
	while (user_table_next(mm, &at, end)) {
		uintptr_t stop = table_end(at, end);

		if (!user_table_make(mm, to + (at - from)) ||
		    !user_table_make(mm, to + (stop - PAGE_SIZE - from)))
			return -ENOMEM;
		at = stop;
	}
	for (at = from; (table = user_table_next(mm, &at, end));) {
		uintptr_t stop = table_end(at, end);

		for (pte_t *pte = &table[table_index(at, 1)]; at < stop; at += PAGE_SIZE, pte++) {
			if (!*pte)
				continue;
			*user_pte(mm, to + (at - from)) = *pte;
			*pte = 0;
		}
	}
	return 0;
}

static void copy_page(pte_t *to, pte_t *from, bool shared, size_t *resident)
{
	pte_t pte = *from;

	if (!shared && (pte & PTE_W)) {
		pte &= ~PTE_W;
		*from = pte;
	}
	if (!(pte & PTE_NOREF)) {
		frame_get(pte & PTE_FRAME);
		++*resident;
	}
	*to = pte;
}

int user_pages_copy(struct mm *child, struct mm *parent, const struct vma *vma)
{
	bool shared = vma->flags & MAP_SHARED;
	uintptr_t at = vma->start;
	pte_t *table;

	while ((table = user_table_next(parent, &at, vma->end))) {
		uintptr_t stop = table_end(at, vma->end);
		pte_t *target = NULL;

		for (; at < stop; at += PAGE_SIZE) {
			unsigned i = table_index(at, 1);

			if (!table[i])
				continue;
			if (!target && !(target = user_table_make(child, at)))
				return -ENOMEM;
			copy_page(&target[i], &table[i], shared, &child->resident_pages);
		}
	}
	return 0;
}

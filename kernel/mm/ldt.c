/* SPDX-License-Identifier: MIT */
/* Local descriptor tables: making, swapping, loading, freeing; see ldt.h. */
#include <asm/errno.h>
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/segments.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/ldt.h"
#include "kernel/mm/tlb.h"
#include "kernel/mm/vmap.h"
#include "sched/segments.h"

#define LDT_SELECTOR (GDT_LDT << 3)

static size_t table_size(unsigned entries)
{
	return entries * sizeof(uint64_t);
}

void ldt_free(struct ldt *ldt)
{
	if (!ldt)
		return;
	if (table_size(ldt->entries) <= PAGE_SIZE)
		kfree(ldt->table);
	else if (ldt->table)
		vmap_free(ldt->table, table_size(ldt->entries));
	kfree(ldt);
}

/*
 * SDM vol. 3, 8.2.3: an LDT descriptor, type 2, DPL 0, whose base lies scattered over two entries.
 */
static void describe(struct ldt *ldt)
{
	uint64_t base = (uintptr_t)ldt->table, limit = table_size(ldt->entries) - 1;

	ldt->system[0] = (limit & 0xffff) | (base & 0xffffff) << 16 | 0x82ull << 40 |
			 (limit >> 16 & 0xf) << 48 | (base >> 24 & 0xff) << 56;
	ldt->system[1] = base >> 32;
}

/* With the entries of from (may be NULL), the rest empty.  NULL: out of memory. */
static struct ldt *ldt_alloc(unsigned entries, const struct ldt *from)
{
	struct ldt *ldt = kzalloc(sizeof(*ldt));
	size_t size = table_size(entries);

	if (!ldt)
		return NULL;
	ldt->entries = entries;
	ldt->table = size <= PAGE_SIZE ? kzalloc(size) : vmap_alloc(size);
	if (!ldt->table) {
		kfree(ldt);
		return NULL;
	}
	if (from)
		memcpy(ldt->table, from->table, table_size(from->entries));
	describe(ldt);
	return ldt;
}

int ldt_set_entry(struct mm *mm, unsigned entry, uint64_t descriptor)
{
	struct ldt *old, *new;

	mutex_lock(&mm->lock);
	old = mm->ldt;
	new = ldt_alloc(MAX(entry + 1, old ? old->entries : 0), old);
	if (new) {
		new->table[entry] = descriptor;
		__atomic_store_n(&mm->ldt, new, __ATOMIC_RELEASE);
		tlb_reload_ldt(mm);	/* LDT-1: after this no CPU has the old one */
	}
	mutex_unlock(&mm->lock);
	if (!new)
		return -ENOMEM;
	ldt_free(old);
	return 0;
}

size_t ldt_read(struct mm *mm, void *to, size_t size)
{
	mutex_lock(&mm->lock);
	size = mm->ldt ? MIN(size, table_size(mm->ldt->entries)) : 0;
	if (size)
		memcpy(to, mm->ldt->table, size);
	mutex_unlock(&mm->lock);
	return size;
}

int ldt_copy(struct mm *child, const struct mm *parent)
{
	if (!parent->ldt)
		return 0;
	child->ldt = ldt_alloc(parent->ldt->entries, parent->ldt);
	return child->ldt ? 0 : -ENOMEM;
}

void ldt_load(const struct ldt *next)
{
	struct percpu *pc = this_percpu();

	ASSERT_DEBUG(!irqs_on(), "LDT-1");
	pc->ldt = next;
	pc->ldt_loads++;
	if (next) {
		pc->gdt[GDT_LDT] = next->system[0];
		pc->gdt[GDT_LDT + 1] = next->system[1];
	}
	__asm__ volatile("lldt %w0" ::"r"(next ? LDT_SELECTOR : 0) : "memory");
}

/*
 * What the segment registers hold is loaded anew, as a switch would do: a selector whose
 * descriptor is gone becomes 0, the bases of FS and GS stay what they are (spec 3.4).  CS and SS
 * are loaded by the way back, and its IRET faults if they cannot be (R3.12).  The interrupted code
 * may be about to change current_thread()->seg: that is not touched.
 */
void ldt_reload_current(void)
{
	uint64_t flags = irq_save();
	const struct mm *mm = current_thread()->mm;
	struct thread_segments seg;

	if (mm) {
		ldt_load(__atomic_load_n(&mm->ldt, __ATOMIC_ACQUIRE));
		memcpy(seg.tls, &this_cpu(gdt)[GDT_TLS], sizeof(seg.tls));
		segments_save(&seg);
		segments_load(&seg);
	}
	irq_restore(flags);
}

/* SPDX-License-Identifier: MIT */
/*
 * Making, walking and freeing the tables themselves.
 *
 * When an address space dies, its pages are zapped entry by entry, and each table's link in its
 * parent is cleared: what remains is all zero.  Each CPU keeps some such tables for the next
 * fork, so they are neither scanned nor zeroed again.  The same for PML4s, whose kernel
 * half is the same for everyone.  Thread code only, so these stocks need no lock.
 */
#include "kernel/mm/user_tables.h"
#include "kernel/cpu/percpu.h"
#include "kernel/lib/string.h"

#define TABLES_KEPT 24
#define PML4S_KEPT  4

struct clean_tables {
	unsigned tables, pml4s;
	phys_t table[TABLES_KEPT];
	phys_t pml4[PML4S_KEPT];
} __aligned(64);

static struct clean_tables clean[MAX_CPUS];

/* Both for one of the two stocks of this CPU.  False: it is full; 0: it is empty. */
static bool keep_frame(phys_t *stock, unsigned *n, unsigned max, phys_t frame)
{
	if (*n == max)
		return false;
	stock[(*n)++] = frame;
	__atomic_fetch_add(&frames_kept, 1, __ATOMIC_RELAXED);
	return true;
}

static phys_t kept_frame(const phys_t *stock, unsigned *n)
{
	if (!*n)
		return 0;
	__atomic_fetch_sub(&frames_kept, 1, __ATOMIC_RELAXED);
	return stock[--*n];
}

bool user_tables_create(struct mm *mm)
{
	struct clean_tables *c = &clean[this_cpu(cpu)];

	mm->pml4 = kept_frame(c->pml4, &c->pml4s);
	if (mm->pml4)
		return true;
	mm->pml4 = frame_alloc();
	if (!mm->pml4)
		return false;
	pte_t *pml4 = phys_to_virt(mm->pml4);

	memset(pml4, 0, PAGE_SIZE / 2);
	memcpy(pml4 + 256, (pte_t *)phys_to_virt(kernel_pml4) + 256, PAGE_SIZE / 2);
	return true;
}

static phys_t clean_table(void)
{
	struct clean_tables *c = &clean[this_cpu(cpu)];

	phys_t frame = kept_frame(c->table, &c->tables);

	return frame ? frame : frame_alloc_zeroed();
}

/* Makes the table that entry number index of parent is to point to. */
static bool add_table(struct mm *mm, pte_t *parent, unsigned index)
{
	phys_t frame = clean_table();

	if (!frame)
		return false;
	struct page *page = frame_page(frame);

	page->next = mm->tables;
	page->prev = virt_to_phys(parent) >> PAGE_SHIFT;
	page->used = index;
	mm->tables = (frame >> PAGE_SHIFT) + 1;
	/* Rights are decided by the leaves alone. */
	__atomic_store_n(&parent[index], frame | PTE_P | PTE_W | PTE_U | PTE_A, __ATOMIC_RELEASE);
	return true;
}

/* Children come before their parents in the list, so a parent is still there to be cleared. */
void user_tables_free(struct mm *mm)
{
	struct clean_tables *c = &clean[this_cpu(cpu)];

	while (mm->tables) {
		phys_t frame = (phys_t)(mm->tables - 1) << PAGE_SHIFT;
		struct page *page = frame_page(frame);
		pte_t *parent = phys_to_virt((phys_t)page->prev << PAGE_SHIFT);

		parent[page->used] = 0;
		mm->tables = page->next;
		if (!keep_frame(c->table, &c->tables, TABLES_KEPT, frame))
			frame_put(frame);
	}
	if (!keep_frame(c->pml4, &c->pml4s, PML4S_KEPT, mm->pml4))
		frame_put(mm->pml4);
}

pte_t *user_table_make(struct mm *mm, uintptr_t addr)
{
	pte_t *table = phys_to_virt(mm->pml4);

	/* On the path of every page fault: unrolled, the shifts are constants. */
#pragma GCC unroll 3
	for (unsigned level = 4; level > 1; level--) {
		unsigned i = table_index(addr, level);

		if (!(table[i] & PTE_P) && !add_table(mm, table, i))
			return NULL;
		table = table_of(table[i]);
	}
	return table;
}

pte_t *user_table_next(const struct mm *mm, uintptr_t *addr, uintptr_t end)
{
	uintptr_t at = *addr;

	while (at < end) {
		pte_t *table = phys_to_virt(mm->pml4);
		unsigned level = 4;

		for (; level > 1; level--) {
			pte_t entry = table[table_index(at, level)];

			if (!(entry & PTE_P))
				break;
			table = table_of(entry);
		}
		if (level == 1) {
			*addr = at;
			return table;
		}
		at = ALIGN_DOWN(at, level_size(level)) + level_size(level);
	}
	return NULL;
}

pte_t *user_pte(const struct mm *mm, uintptr_t addr)
{
	pte_t *table = user_table_next(mm, &addr, addr + 1);

	return table ? &table[table_index(addr, 1)] : NULL;
}

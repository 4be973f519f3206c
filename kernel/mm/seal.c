/* SPDX-License-Identifier: MIT */
/*
 * W-X-1: after paging_seal no kernel page is both writable and executable, and no frame of
 * the kernel's text or read-only data is writable through any mapping.  Checked on every leaf.
 */
#include "kernel/debug/panic.h"
#include "kernel/mm/image.h"
#include "kernel/mm/kernel_tables.h"

/* A right holds only if every level grants it. */
static void check_leaf(pte_t leaf, pte_t rights, unsigned level)
{
	phys_t start = leaf & PTE_FRAME & ~(level_size(level) - 1);
	bool writable = leaf & rights & PTE_W;
	bool executable = !((leaf | ~rights) & PTE_NX);

	if (!writable)
		return;
	if (executable)
		panic("W-X-1 violated: frame %#llx is writable and executable",
		      (unsigned long long)start);
	if (start < image_protected_end() && start + level_size(level) > image_protected_start())
		panic("W-X-1 violated: kernel text or rodata at %#llx has a writable mapping",
		      (unsigned long long)start);
}

/* rights: PTE_W if all levels above are writable, PTE_NX if all of them leave execution on. */
static void check_table(const pte_t *table, unsigned first, unsigned level, pte_t rights)
{
	for (unsigned i = first; i < 512; i++) {
		pte_t entry = table[i];

		/* Neighbours that name one table (kernel/cpu/espfix.c) are checked once. */
		if (!(entry & PTE_P) || (i > first && entry == table[i - 1]))
			continue;
		if (level == 1 || (entry & PTE_PS))
			check_leaf(entry, rights, level);
		else
			check_table(table_of(entry), 0, level - 1, rights & (entry ^ PTE_NX));
	}
}

void paging_seal(void)
{
	pte_t *pml4 = phys_to_virt(kernel_pml4);

	for (uintptr_t at = (uintptr_t)__text_start; at < (uintptr_t)__text_end; at += PAGE_SIZE)
		*kernel_pte(at) &= ~PTE_W;
	tlb_flush_kernel(0, UINTPTR_MAX);
	check_table(pml4, 256, 4, PTE_W | PTE_NX);
}

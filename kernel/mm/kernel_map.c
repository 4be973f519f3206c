/* SPDX-License-Identifier: MIT */
/*
 * Single pages in the kernel half, and looking things up in any table.
 *
 * The PML4 entries of the kernel half are complete after paging_init and never change again, so
 * all address spaces share everything below them: a mapping made here is at once
 * visible everywhere, and no fault handler has to copy anything.
 */
#include <asm/errno.h>
#include "kernel/cpu/features.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/lock.h"
#include "kernel/lib/string.h"
#include "kernel/mm/image.h"
#include "kernel/mm/kernel_tables.h"

phys_t kernel_pml4;

static struct spinlock tables_lock = SPINLOCK("kernel page tables", RANK_VMAP);

static pte_t *table_below(pte_t *entry)
{
	if (!(*entry & PTE_P)) {
		phys_t frame = frame_alloc_zeroed();

		if (!frame)
			return NULL;
		/* Other CPUs may walk here at any time: the table is zeroed before it is linked. */
		__atomic_store_n(entry, frame | PTE_P | PTE_W | PTE_A, __ATOMIC_RELEASE);
	}
	return table_of(*entry);
}

pte_t *kernel_entry(uintptr_t virt, unsigned level)
{
	pte_t *table = phys_to_virt(kernel_pml4);

	for (unsigned l = 4; l > level; l--) {
		table = table_below(&table[table_index(virt, l)]);
		if (!table)
			return NULL;
	}
	return &table[table_index(virt, level)];
}

pte_t *kernel_pte(uintptr_t virt)
{
	pte_t *table = phys_to_virt(kernel_pml4);

	for (unsigned l = 4; l > 1; l--) {
		pte_t entry = table[table_index(virt, l)];

		if (!(entry & PTE_P) || (entry & PTE_PS))
			return NULL;
		table = table_of(entry);
	}
	return &table[table_index(virt, 1)];
}

int kernel_map(uintptr_t virt, phys_t phys, uint64_t flags)
{
	const pte_t *pml4 = phys_to_virt(kernel_pml4);

	ASSERT((flags & PTE_NX) || !(flags & PTE_W), "W-X-1");
	ASSERT(virt >= DIRECT_MAP_BASE && pml4[table_index(virt, 4)], "PAGING-1");
	spin_lock(&tables_lock);
	pte_t *pte = kernel_entry(virt, 1);

	if (pte) {
		ASSERT(!(*pte & PTE_P), "PAGING-2");
		/* A and D are set in advance, or the CPU would have to write them. */
		*pte = phys | flags | PTE_P | PTE_A | PTE_D | (cpu_has(FEATURE_PGE) ? PTE_G : 0);
	}
	spin_unlock(&tables_lock);
	return pte ? 0 : -ENOMEM;
}

phys_t kernel_unmap(uintptr_t virt)
{
	phys_t frame = 0;

	spin_lock(&tables_lock);
	pte_t *pte = kernel_pte(virt);

	if (pte && (*pte & PTE_P)) {
		frame = *pte & PTE_FRAME;
		*pte = 0;
	}
	spin_unlock(&tables_lock);
	return frame;
}

pte_t *paging_lookup(phys_t pml4, uintptr_t addr)
{
	pte_t *table = phys_to_virt(pml4);

	for (unsigned l = 4;; l--) {
		pte_t *entry = &table[table_index(addr, l)];

		if (!(*entry & PTE_P))
			return NULL;
		if (l == 1 || (*entry & PTE_PS))
			return entry;
		table = table_of(*entry);
	}
}

phys_t virt_to_phys(const void *v)
{
	uintptr_t addr = (uintptr_t)v;

	if (addr >= KERNEL_BASE)
		return addr - KERNEL_BASE;
	ASSERT(addr - DIRECT_MAP_BASE < DIRECT_MAP_SIZE, "PAGING-3");
	return addr - DIRECT_MAP_BASE;
}

/*
 * One leaf identity-maps 2 MiB.  It is writable and executable, but only in this table, which no
 * CPU uses beyond its first instructions, and that memory holds no kernel text (W-X-1).
 */
phys_t paging_trampoline_pml4(void)
{
	phys_t pml4 = frame_alloc_low(), pdpt = frame_alloc_low(), pd = frame_alloc_low();

	if (!pml4 || !pdpt || !pd)
		fatal("no memory below 4 GiB to start processors with");
	memcpy(phys_to_virt(pml4), phys_to_virt(kernel_pml4), PAGE_SIZE);
	memset(phys_to_virt(pdpt), 0, PAGE_SIZE);
	memset(phys_to_virt(pd), 0, PAGE_SIZE);
	*(pte_t *)phys_to_virt(pml4) = pdpt | PTE_P | PTE_W;
	*(pte_t *)phys_to_virt(pdpt) = pd | PTE_P | PTE_W;
	*(pte_t *)phys_to_virt(pd) = PTE_PS | PTE_P | PTE_W;
	return pml4;
}

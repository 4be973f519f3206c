/* SPDX-License-Identifier: MIT */
/* Page tables: the kernel's own mappings, and the walker that address spaces use. */
#pragma once

#include "kernel/mm/frames.h"

typedef uint64_t pte_t;

#define PTE_P   (1ull << 0)
#define PTE_W   (1ull << 1)
#define PTE_U   (1ull << 2)
#define PTE_PWT (1ull << 3)
#define PTE_PCD (1ull << 4)
#define PTE_A   (1ull << 5)
#define PTE_D   (1ull << 6)
#define PTE_PS  (1ull << 7)
#define PTE_G   (1ull << 8)
#define PTE_NX  (1ull << 63)
#define PTE_FRAME 0x000ffffffffff000ull

extern phys_t kernel_pml4;

/*
 * Builds the final kernel page tables from the linker script's sections (text RX, rodata
 * R-NX, data RW-NX: W-X-1), the direct map of all memory in boot_info, and switches to them.
 * Until paging_seal() the text is still writable (for alternatives).
 */
void paging_init(const struct boot_info *info);
/* W^X from here on.  Checks every leaf of the kernel half (W-X-1). */
void paging_seal(void);

/* Maps one 4 KiB page in the kernel half, for every address space.  -ENOMEM. */
int kernel_map(uintptr_t virt, phys_t phys, uint64_t flags);
/* Returns the frame that was mapped (0: none); the caller flushes. */
phys_t kernel_unmap(uintptr_t virt);
/*
 * The leaf that maps addr in the given table, or NULL.  No locks: for panic, selftests and
 * usercopy diagnosis.
 */
pte_t *paging_lookup(phys_t pml4, uintptr_t addr);

/* TLB: every CPU, kernel range. */
void tlb_flush_kernel(uintptr_t start, uintptr_t end);
/* Serves this CPU's mailbox: the VECTOR_TLB handler, and whoever spins for others. */
void tlb_serve(void);

/* For AP start: a PML4 with the kernel half and an identity map of the first 2 MiB. */
phys_t paging_trampoline_pml4(void);

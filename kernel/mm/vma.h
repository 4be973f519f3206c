/* SPDX-License-Identifier: MIT */
/*
 * The VMAs of an address space, as a tree by address.  All with mm->lock held; nothing here touches
 * page tables.  A VMA's last file reference may need locks that come before mm->lock, so
 * dead VMAs are gathered in a list and disposed of after the lock is released.
 */
#pragma once

#include "kernel/mm/mm.h"

/* The first VMA that ends above addr (it may begin above, too); NULL: none. */
struct vma *vma_find(struct mm *mm, uintptr_t addr);
struct vma *vma_next(struct vma *vma);
struct vma *vma_prev(struct vma *vma);

/* What the VMAs at [start, end) look like: the address of the first hole, or end. */
uintptr_t vma_first_hole(struct mm *mm, uintptr_t start, uintptr_t end);

/* Moves one border inwards; offset and file_end follow. */
void vma_trim_start(struct vma *vma, uintptr_t start);
void vma_trim_end(struct vma *vma, uintptr_t end);
/* Makes two of one at addr, which lies inside; the original keeps the lower part.  0, -ENOMEM. */
int vma_split(struct mm *mm, struct vma *vma, uintptr_t addr);

/* A copy of vma outside any tree, with a file reference of its own.  NULL: out of memory. */
struct vma *vma_copy(const struct vma *vma);
/*
 * Enters want, whose range is free.  A neighbour that fits is extended, and then want is
 * put on the dead list.  Returns the VMA that covers the range now.
 */
struct vma *vma_enter(struct mm *mm, struct vma *want, struct vma **dead);
/* Joins vma with its neighbours where nothing tells them apart.  Returns the VMA that remains. */
struct vma *vma_merge(struct mm *mm, struct vma *vma, struct vma **dead);

void vma_insert(struct mm *mm, struct vma *vma);
void vma_remove(struct mm *mm, struct vma *vma, struct vma **dead);
/* Without mm->lock: drops the file references and frees. */
void vma_dispose(struct vma *dead);
/* The same for a whole tree that nobody uses any more. */
void vma_dispose_all(struct mm *mm);

/* Distance that mappings keep below one that grows down. */
#define STACK_GUARD_GAP MIB(1)
/* The lowest address that vma may claim. */
uintptr_t vma_claimed_start(const struct vma *vma);
/* Top-down first fit for len bytes in [low, high); 0: none. */
uintptr_t vma_find_gap(struct mm *mm, size_t len, uintptr_t low, uintptr_t high);

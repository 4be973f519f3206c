/* SPDX-License-Identifier: MIT */
/* The engine behind mmap and its relatives; arguments are not trusted, errors are Linux's. */
#pragma once

#include "kernel/mm/vma.h"

/* With mm->lock held, page-aligned, inside task_size.  -ENOMEM: nothing has changed. */
int unmap_locked(struct mm *mm, uintptr_t start, uintptr_t end, struct vma **dead);
/*
 * With mm->lock held: where len bytes go, for flags and hint *addr of mmap; changes only *addr.
 * -ENOMEM, -EINVAL, -EPERM, -EEXIST.
 */
int place_locked(struct mm *mm, uintptr_t *addr, size_t len, unsigned flags);
/* True if a private writable mapping of this size can be promised at all. */
bool commit_allowed(size_t len, unsigned prot, unsigned flags);

/* mremap; returns the new address or -errno. */
long mm_remap(struct mm *mm, uintptr_t addr, size_t old_len, size_t new_len, unsigned flags,
	      uintptr_t new_addr);
/* brk; returns the break that is in force now. */
uintptr_t mm_set_brk(struct mm *mm, uintptr_t brk);

/* SPDX-License-Identifier: MIT */
/* The heap of the program: one anonymous mapping that brk grows and shrinks at its end. */
#include <linux/mman.h>
#include "kernel/mm/mmap.h"

static bool heap_grow(struct mm *mm, uintptr_t start, uintptr_t end, struct vma **dead)
{
	struct vma want = {
		.start = start,
		.end = end,
		.file_end = end,
		.prot = PROT_READ | PROT_WRITE,
		.flags = MAP_PRIVATE | VMA_HEAP,
	};
	struct vma *next = vma_find(mm, start), *vma;

	if (!commit_allowed(end - start, want.prot, want.flags))
		return false;
	/* Like Linux: one page of distance, so that the heap never touches what is above it. */
	if (next && vma_claimed_start(next) < end + PAGE_SIZE)
		return false;
	vma = vma_copy(&want);
	if (!vma)
		return false;
	vma_enter(mm, vma, dead);
	mm->total_pages += (end - start) >> PAGE_SHIFT;
	return true;
}

static void set_brk_locked(struct mm *mm, uintptr_t brk, struct vma **dead)
{
	uintptr_t old_end = ALIGN_UP(mm->brk, PAGE_SIZE), end = ALIGN_UP(brk, PAGE_SIZE);

	if (brk < mm->brk_start || brk > mm->task_size - PAGE_SIZE)
		return;
	if (end > old_end && !heap_grow(mm, old_end, end, dead))
		return;
	if (end < old_end && unmap_locked(mm, end, old_end, dead))
		return;
	mm->brk = brk;
}

uintptr_t mm_set_brk(struct mm *mm, uintptr_t brk)
{
	struct vma *dead = NULL;

	mutex_lock(&mm->lock);
	set_brk_locked(mm, brk, &dead);
	brk = mm->brk;
	mutex_unlock(&mm->lock);
	vma_dispose(dead);
	return brk;
}

/* SPDX-License-Identifier: MIT */
/*
 * What a file loses when it is cut goes from every address space, too: the next access faults
 * and finds the end of the file (SIGBUS), or what has come there since.
 *
 * No list leads from a file to its mappings: all VMAs of all processes are looked at, but only
 * for files that have ever been mapped.  The caller has taken the pages out of the file before.
 * A fault that still got one of them holds the lock of its address space until it has entered
 * it, so it is found here; a later fault sees the new size.
 */
#include "kernel/mm/unmap_file.h"
#include "kernel/fs/file.h"
#include "kernel/mm/user_tables.h"
#include "kernel/mm/vma.h"
#include "kernel/process/process.h"
#include "sched/wait.h"

/* Pages at and above file_end are anonymous, and stay. */
static void unmap_from_vma(struct mm *mm, const struct vma *v, uint64_t from)
{
	uintptr_t end = MIN(v->end, ALIGN_UP(v->file_end, PAGE_SIZE));
	uint64_t skipped = from > v->offset ? from - v->offset : 0;

	if (skipped < end - v->start)
		user_pages_zap(mm, v->start + skipped, end);
}

static void unmap_from_mm(struct mm *mm, const struct inode *inode, uint64_t from)
{
	mutex_lock(&mm->lock);
	for (struct vma *v = vma_find(mm, 0); v; v = vma_next(v)) {
		if (v->file && v->file->inode == inode)
			unmap_from_vma(mm, v, from);
	}
	mutex_unlock(&mm->lock);
}

void unmap_file(const struct inode *inode, uint64_t size)
{
	uint64_t from = ALIGN_UP(size, PAGE_SIZE);
	struct process *p;

	if (!__atomic_load_n(&inode->mapped, __ATOMIC_SEQ_CST))
		return;
	for (int pid = 0; (p = process_next(pid)); process_put(p)) {
		struct mm *mm = process_get_mm(p);

		pid = p->pid + 1;
		if (mm) {
			unmap_from_mm(mm, inode, from);
			mm_put(mm);
		}
		(void)cond_resched();	/* a signal must not end this half-way */
	}
}

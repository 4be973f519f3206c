/* SPDX-License-Identifier: MIT */
/* Changing the rights of mappings. */
#include <asm/errno.h>
#include <asm/fcntl.h>
#include <linux/mman.h>
#include "kernel/mm/mmap.h"
#include "kernel/fs/file.h"
#include "kernel/mm/user_tables.h"

/* A shared mapping of a file that is open for reading only must never become writable. */
static bool may_write(const struct vma *vma)
{
	return !(vma->flags & MAP_SHARED) || (vma->file->flags & O_ACCMODE) == O_RDWR;
}

/* Cuts *vma down to [start, end), as far as it sticks out; *vma becomes the part inside. */
static int isolate(struct mm *mm, struct vma **vma, uintptr_t start, uintptr_t end)
{
	int err = 0;

	if ((*vma)->start < start) {
		err = vma_split(mm, *vma, start);
		if (!err)
			*vma = vma_next(*vma);
	}
	if (!err && (*vma)->end > end)
		err = vma_split(mm, *vma, end);
	return err;
}

static int protect_vma(struct mm *mm, struct vma **vma, uintptr_t start, uintptr_t end,
		       unsigned prot, struct vma **dead)
{
	if ((*vma)->prot == prot)
		return 0;
	if ((prot & PROT_WRITE) && !may_write(*vma))
		return -EACCES;
	int err = isolate(mm, vma, start, end);

	if (err)
		return err;
	(*vma)->prot = prot;
	user_pages_protect(mm, (*vma)->start, (*vma)->end, prot, (*vma)->flags & MAP_SHARED);
	*vma = vma_merge(mm, *vma, dead);
	return 0;
}

/* Like Linux: what comes before the first obstacle is changed and stays so. */
static int protect_range(struct mm *mm, uintptr_t start, uintptr_t end, unsigned prot,
			 struct vma **dead)
{
	struct vma *v = vma_find(mm, start);

	while (start < end) {
		if (!v || v->start > start)
			return -ENOMEM;
		int err = protect_vma(mm, &v, start, end, prot, dead);

		if (err)
			return err;
		start = v->end;
		v = vma_next(v);
	}
	return 0;
}

int mm_protect(struct mm *mm, uintptr_t addr, size_t len, unsigned prot)
{
	struct vma *dead = NULL;

	if (addr % PAGE_SIZE)
		return -EINVAL;
	if (!len)
		return 0;
	if (addr > mm->task_size || len > mm->task_size - addr)
		return -ENOMEM;
	len = ALIGN_UP(len, PAGE_SIZE);
	mutex_lock(&mm->lock);
	int err = protect_range(mm, addr, addr + len, prot, &dead);

	mutex_unlock(&mm->lock);
	vma_dispose(dead);
	return err;
}

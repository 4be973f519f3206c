/* SPDX-License-Identifier: MIT */
/* Growing, shrinking and moving a mapping. */
#include <asm/errno.h>
#include <linux/mman.h>
#include "kernel/mm/mmap.h"
#include "kernel/mm/tlb.h"
#include "kernel/mm/user_tables.h"
#include "kernel/process/vdso.h"

struct remap {
	struct mm *mm;
	uintptr_t addr, new_addr;
	size_t old_len, new_len;	/* whole pages */
	unsigned flags;
	struct vma *dead;
};

static int check_arguments(struct remap *r)
{
	if (r->flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP))
		return -EINVAL;
	if ((r->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) && !(r->flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if (r->addr % PAGE_SIZE || r->addr >= r->mm->task_size)
		return -EINVAL;
	/* What rounds up to 0 is too large, and too large is what comes next. */
	if (r->old_len > r->mm->task_size || r->new_len > r->mm->task_size)
		return -EINVAL;
	r->old_len = ALIGN_UP(r->old_len, PAGE_SIZE);
	r->new_len = ALIGN_UP(r->new_len, PAGE_SIZE);
	if (!r->new_len || ((r->flags & MREMAP_DONTUNMAP) && r->old_len != r->new_len))
		return -EINVAL;
	if (!(r->flags & MREMAP_FIXED))
		return 0;
	if (r->new_addr % PAGE_SIZE || r->new_len > r->mm->task_size ||
	    r->new_addr > r->mm->task_size - r->new_len)
		return -EINVAL;
	if (r->addr < r->new_addr + r->new_len && r->new_addr < r->addr + r->old_len)
		return -EINVAL;
	return r->new_addr < MMAP_MIN_ADDR ? -EPERM : 0;
}

/* The VMA of the old range, which must lie in one. */
static int find_old(struct remap *r, struct vma **vma)
{
	struct vma *v = vma_find(r->mm, r->addr);

	if (!v || v->start > r->addr)
		return -EFAULT;
	/* Length 0 asks for a second mapping of the same shared memory. */
	if (!r->old_len && !(v->flags & MAP_SHARED))
		return -EINVAL;
	if (r->old_len > v->end - r->addr)
		return -EFAULT;
	/* The vDSO's pages have one place, and behind them there is nothing. */
	if ((r->flags & MREMAP_DONTUNMAP) && (v->flags & (VMA_VDSO | VMA_VVAR)))
		return -EINVAL;
	if (r->new_len > r->old_len && (v->flags & (VMA_VDSO | VMA_VVAR)))
		return -EFAULT;
	if (r->new_len > r->old_len && !commit_allowed(r->new_len - r->old_len, v->prot, v->flags))
		return -ENOMEM;
	if (v->file && v->offset + (r->addr - v->start) + r->new_len > INT64_MAX)
		return -EINVAL;
	*vma = v;
	return 0;
}

static bool grow_in_place(struct remap *r, struct vma *vma)
{
	uintptr_t end = r->addr + r->new_len;
	struct vma *next = vma_next(vma);

	if (!r->old_len || vma->end != r->addr + r->old_len)
		return false;
	if (end > r->mm->task_size || end < r->addr)
		return false;
	if (next && vma_claimed_start(next) < end)
		return false;
	r->mm->total_pages += (end - vma->end) >> PAGE_SHIFT;
	/* A file that was cut off stays cut; one that was not goes on. */
	if (vma->file_end == vma->end)
		vma->file_end = end;
	vma->end = end;
	vma_merge(r->mm, vma, &r->dead);
	return true;
}

/* The mapping as it will be at its new place. */
static struct vma *moved_copy(const struct remap *r, const struct vma *old)
{
	struct vma *vma = vma_copy(old);
	uintptr_t old_end = r->addr + r->old_len;

	if (!vma)
		return NULL;
	vma_trim_start(vma, r->addr);
	bool cut = vma->file_end < old_end;
	uintptr_t file_len = vma->file_end - r->addr;

	vma->start = r->new_addr;
	vma->end = r->new_addr + r->new_len;
	vma->file_end = cut ? MIN(vma->end, r->new_addr + file_len) : vma->end;
	return vma;
}

static int move_pages(struct remap *r, struct vma *old)
{
	uintptr_t old_end = r->addr + r->old_len;
	int err = 0;

	if (!r->old_len)
		return 0;
	/* The one thing in unmap_locked that can fail is done before anything moves. */
	if (old->start < r->addr && old->end > old_end)
		err = vma_split(r->mm, old, old_end);
	if (!err)
		err = user_pages_move(r->mm, r->addr, r->new_addr, r->old_len);
	if (err)
		return err;
	/* Before the lock is released: the frames belong to other addresses now. */
	tlb_flush_mm(r->mm, r->addr, old_end);
	return r->flags & MREMAP_DONTUNMAP ? 0 : unmap_locked(r->mm, r->addr, old_end, &r->dead);
}

static int move(struct remap *r, struct vma *old)
{
	struct vma *vma = moved_copy(r, old);

	if (!vma)
		return -ENOMEM;
	int err = move_pages(r, old);

	if (err) {
		RB_RIGHT(vma, node) = r->dead;
		r->dead = vma;
		return err;
	}
	r->mm->total_pages += r->new_len >> PAGE_SHIFT;
	if ((vma->flags & VMA_VDSO) && r->addr == r->mm->vdso)
		vdso_moved(r->mm, r->new_addr);
	vma_enter(r->mm, vma, &r->dead);
	return 0;
}

/* What is cut off need not be mapped, but it must be the program's: find_old does not see it. */
static bool shrinks_beyond(const struct remap *r)
{
	return r->old_len > r->new_len && r->old_len > r->mm->task_size - r->addr;
}

static int remap_fixed(struct remap *r)
{
	struct vma *vma;
	int err = -EINVAL;

	if (!shrinks_beyond(r))
		err = unmap_locked(r->mm, r->new_addr, r->new_addr + r->new_len, &r->dead);
	if (!err && r->old_len > r->new_len) {
		err = unmap_locked(r->mm, r->addr + r->new_len, r->addr + r->old_len, &r->dead);
		r->old_len = r->new_len;
	}
	if (!err)
		err = find_old(r, &vma);
	return err ? err : move(r, vma);
}

/* Like munmap of the end: what is there may be several VMAs, or have holes. */
static int shrink_in_place(struct remap *r)
{
	struct vma *v = vma_find(r->mm, r->addr);

	if (!v || v->start > r->addr)
		return -EFAULT;
	if (shrinks_beyond(r))
		return -EINVAL;
	if (r->old_len == r->new_len)
		return 0;
	return unmap_locked(r->mm, r->addr + r->new_len, r->addr + r->old_len, &r->dead);
}

static int remap_anywhere(struct remap *r)
{
	struct vma *vma;
	int err;

	r->new_addr = r->addr;
	if (r->old_len >= r->new_len && !(r->flags & MREMAP_DONTUNMAP))
		return shrink_in_place(r);
	err = find_old(r, &vma);
	if (err)
		return err;
	if (!(r->flags & MREMAP_DONTUNMAP) && grow_in_place(r, vma))
		return 0;
	if (!(r->flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	r->new_addr = 0;
	err = place_locked(r->mm, &r->new_addr, r->new_len, 0);
	return err ? err : move(r, vma);
}

long mm_remap(struct mm *mm, uintptr_t addr, size_t old_len, size_t new_len, unsigned flags,
	      uintptr_t new_addr)
{
	struct remap r = {
		.mm = mm, .addr = addr, .new_addr = new_addr,
		.old_len = old_len, .new_len = new_len, .flags = flags,
	};
	int err = check_arguments(&r);

	if (err)
		return err;
	mutex_lock(&mm->lock);
	err = flags & MREMAP_FIXED ? remap_fixed(&r) : remap_anywhere(&r);
	mutex_unlock(&mm->lock);
	vma_dispose(r.dead);
	return err ? err : (long)r.new_addr;
}

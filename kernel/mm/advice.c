/* SPDX-License-Identifier: MIT */
/*
 * System calls about memory that is mapped already.  Nothing is ever paged out here and files
 * live in memory, so most advice needs no action, msync has nothing to write, and what is
 * resident is locked.
 */
#include <asm/errno.h>
#include <linux/mman.h>
#include "kernel/mm/fault.h"
#include "kernel/mm/user_tables.h"
#include "kernel/mm/usercopy.h"
#include "kernel/mm/vma.h"
#include "kernel/process/syscall.h"
#include "sched/thread.h"

/* [addr, addr + len) in whole pages.  -EINVAL: not aligned, or it wraps. */
static int page_range(uintptr_t addr, size_t len, uintptr_t *end)
{
	if (addr % PAGE_SIZE)
		return -EINVAL;
	*end = addr + ALIGN_UP(len, PAGE_SIZE);
	return *end < addr || (len && *end == addr) ? -EINVAL : 0;
}

static bool is_known_advice(int advice)
{
	switch (advice) {
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_DONTNEED:
	case MADV_FREE:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	case MADV_COLD:
	case MADV_PAGEOUT:
		return true;
	}
	return false;
}

SYSCALL3(madvise, uintptr_t, addr, size_t, len, int, advice)
{
	struct mm *mm = current_thread()->mm;
	uintptr_t end;

	if (!is_known_advice(advice) || page_range(addr, len, &end))
		return -EINVAL;
	if (end > mm->task_size)
		return -ENOMEM;
	mutex_lock(&mm->lock);
	/* Holes are an error, but what is between them gets the advice. */
	bool hole = vma_first_hole(mm, addr, end) != end;

	if (advice == MADV_DONTNEED)
		user_pages_zap(mm, addr, end);
	mutex_unlock(&mm->lock);
	return hole ? -ENOMEM : 0;
}

static int check_mapped(uintptr_t addr, uintptr_t end)
{
	struct mm *mm = current_thread()->mm;

	mutex_lock(&mm->lock);
	bool hole = vma_first_hole(mm, addr, end) != end;

	mutex_unlock(&mm->lock);
	return hole ? -ENOMEM : 0;
}

SYSCALL3(msync, uintptr_t, addr, size_t, len, unsigned, flags)
{
	uintptr_t end;

	if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) ||
	    (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC) || addr % PAGE_SIZE)
		return -EINVAL;
	return page_range(addr, len, &end) ? -ENOMEM : check_mapped(addr, end);
}

/* One byte for each page, 1: resident.  Returns the number of pages before the first hole. */
static size_t residency(struct mm *mm, uintptr_t addr, uint8_t *vec, size_t pages)
{
	mutex_lock(&mm->lock);
	uintptr_t hole = vma_first_hole(mm, addr, addr + (pages << PAGE_SHIFT));

	pages = (hole - addr) >> PAGE_SHIFT;
	for (size_t i = 0; i < pages; i++) {
		const pte_t *pte = user_pte(mm, addr + (i << PAGE_SHIFT));

		vec[i] = pte && *pte;
	}
	mutex_unlock(&mm->lock);
	return pages;
}

SYSCALL3(mincore, uintptr_t, addr, size_t, len, uint8_t __user *, vec)
{
	struct mm *mm = current_thread()->mm;
	uint8_t part[256];

	if (addr % PAGE_SIZE)
		return -EINVAL;
	if (addr > mm->task_size || len > mm->task_size - addr)
		return -ENOMEM;
	for (size_t left = ALIGN_UP(len, PAGE_SIZE) >> PAGE_SHIFT; left;) {
		size_t want = MIN(left, sizeof(part)), got = residency(mm, addr, part, want);

		if (got && copy_to_user(vec, part, got))
			return -EFAULT;
		if (got < want)
			return -ENOMEM;
		if (cond_resched())
			return -EINTR;
		addr += want << PAGE_SHIFT;
		vec += want;
		left -= want;
	}
	return 0;
}

/*
 * Locked memory is present; here what is present stays.  Writable private pages get a frame of
 * their own.
 */
static int populate(struct mm *mm, uintptr_t addr, uintptr_t end)
{
	for (; addr < end; addr += PAGE_SIZE) {
		mutex_lock(&mm->lock);
		struct vma *v = vma_find(mm, addr);
		struct fault_result r = { 0 };
		bool hole = !v || v->start > addr || !v->prot;

		if (!hole)
			r = fault_locked(mm, addr, v->prot & PROT_WRITE ? ACCESS_WRITE : 0);
		mutex_unlock(&mm->lock);
		if (hole || r.signo)
			return -ENOMEM;
		if (cond_resched())
			return -EINTR;
	}
	return 0;
}

static long lock_pages(uintptr_t addr, size_t len, bool now)
{
	uintptr_t end, start = ALIGN_DOWN(addr, PAGE_SIZE);

	if (page_range(start, len + (addr - start), &end) || len + (addr - start) < len)
		return -EINVAL;
	int err = check_mapped(start, end);

	return err || !now ? err : populate(current_thread()->mm, start, end);
}

SYSCALL2(mlock, uintptr_t, addr, size_t, len)
{
	return lock_pages(addr, len, true);
}

SYSCALL3(mlock2, uintptr_t, addr, size_t, len, unsigned, flags)
{
	return flags & ~MLOCK_ONFAULT ? -EINVAL : lock_pages(addr, len, !flags);
}

SYSCALL2(munlock, uintptr_t, addr, size_t, len)
{
	return lock_pages(addr, len, false);
}

SYSCALL1(mlockall, unsigned, flags)
{
	bool known = !(flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT));

	return known && (flags & (MCL_CURRENT | MCL_FUTURE)) ? 0 : -EINVAL;
}

SYSCALL0(munlockall)
{
	return 0;
}

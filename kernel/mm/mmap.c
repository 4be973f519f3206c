/* SPDX-License-Identifier: MIT */
/* Mapping and unmapping. */
#include <asm/errno.h>
#include <asm/fcntl.h>
#include <linux/mman.h>
#include <linux/stat.h>
#include "kernel/mm/mmap.h"
#include "kernel/debug/panic.h"
#include "kernel/fs/file.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/user_tables.h"

/* What a VMA remembers of the flags it was made with. */
#define VMA_FLAGS (MAP_SHARED | MAP_PRIVATE | MAP_GROWSDOWN | VMA_OWN)

/* Where MAP_32BIT looks on Linux. */
#define LOW_START 0x40000000ul
#define LOW_END	  0x80000000ul

/* Above this size, see whether the machine has that much memory at all. */
#define COMMIT_CHECK MIB(16)

bool commit_allowed(size_t len, unsigned prot, unsigned flags)
{
	if (len < COMMIT_CHECK || !(prot & PROT_WRITE) || (flags & (MAP_SHARED | MAP_NORESERVE)))
		return true;
	return len >> PAGE_SHIFT <= frame_stats().total;
}

/* True if nothing is mapped in [start, start + len), the guard gaps of stacks included. */
static bool is_free(struct mm *mm, uintptr_t start, size_t len)
{
	struct vma *v = vma_find(mm, start);

	return !v || vma_claimed_start(v) >= start + len;
}

static int place_fixed(struct mm *mm, uintptr_t addr, size_t len, unsigned flags)
{
	if (addr > mm->task_size - len)
		return -ENOMEM;
	if (addr % PAGE_SIZE)
		return -EINVAL;
	if (addr < MMAP_MIN_ADDR)
		return -EPERM;
	if (flags & MAP_FIXED_NOREPLACE) {
		struct vma *v = vma_find(mm, addr);

		if (v && v->start < addr + len)
			return -EEXIST;
	}
	return 0;
}

int place_locked(struct mm *mm, uintptr_t *addr, size_t len, unsigned flags)
{
	if (len > mm->task_size - MMAP_MIN_ADDR)
		return -ENOMEM;
	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))
		return place_fixed(mm, *addr, len, flags);
	/* A hint: rounded like Linux does, taken if nothing is in its way. */
	uintptr_t hint = *addr > TASK_SIZE_MAX ? 0 : ALIGN_UP(*addr, PAGE_SIZE);
	bool low = (flags & MAP_32BIT) && mm->task_size > TASK_SIZE_32;
	uintptr_t end = low ? LOW_END : mm->task_size;

	if (hint) {
		hint = MAX(hint, MMAP_MIN_ADDR);
		if (len <= end && hint <= end - len && is_free(mm, hint, len)) {
			*addr = hint;
			return 0;
		}
	}
	if (low) {
		*addr = vma_find_gap(mm, len, LOW_START, LOW_END);
		return *addr ? 0 : -ENOMEM;
	}
	*addr = vma_find_gap(mm, len, MMAP_MIN_ADDR, mm->mmap_top);
	if (!*addr)
		*addr = vma_find_gap(mm, len, MMAP_MIN_ADDR, mm->task_size);
	return *addr ? 0 : -ENOMEM;
}

int unmap_locked(struct mm *mm, uintptr_t start, uintptr_t end, struct vma **dead)
{
	struct vma *v = vma_find(mm, start), *next;
	int err = 0;

	ASSERT(start <= end && end <= mm->task_size, "MM-4");
	if (v && v->start < start && v->end > end)
		err = vma_split(mm, v, end);
	if (err)
		return err;
	for (; v && v->start < end; v = next) {
		next = vma_next(v);
		mm->total_pages -= (MIN(v->end, end) - MAX(v->start, start)) >> PAGE_SHIFT;
		if (v->start < start)
			vma_trim_end(v, start);
		else if (v->end > end)
			vma_trim_start(v, end);
		else
			vma_remove(mm, v, dead);
	}
	user_pages_zap(mm, start, end);
	return 0;
}

static int check_file(const struct file *file, unsigned prot, unsigned flags)
{
	if (!file_allows(file, FILE_READ))
		return -EACCES;
	if ((flags & MAP_SHARED) && (prot & PROT_WRITE) && !file_allows(file, FILE_WRITE))
		return -EACCES;
	if ((file->inode->mode & S_IFMT) != S_IFREG)
		return -ENODEV;
	return flags & MAP_GROWSDOWN ? -EINVAL : 0;
}

/* Arguments that are wrong whatever is mapped.  *len becomes whole pages. */
static int check_map(size_t *len, unsigned prot, unsigned flags, const struct file *file,
		     uint64_t offset)
{
	unsigned type = flags & (MAP_SHARED | MAP_PRIVATE);

	if (!*len || offset % PAGE_SIZE)
		return -EINVAL;
	if (*len > TASK_SIZE_MAX)
		return -ENOMEM;
	*len = ALIGN_UP(*len, PAGE_SIZE);
	if (offset > INT64_MAX - *len)
		return -EOVERFLOW;
	if (type != MAP_SHARED && type != MAP_PRIVATE)
		return -EINVAL;
	/* Shared anonymous memory comes here with its unnamed file. */
	if (!file && type == MAP_SHARED)
		return -EINVAL;
	if (!commit_allowed(*len, prot, flags))
		return -ENOMEM;
	return file ? check_file(file, prot, flags) : 0;
}

int mm_map(struct mm *mm, uintptr_t *addr, size_t len, unsigned prot, unsigned flags,
	   struct file *file, uint64_t offset, uintptr_t file_end)
{
	struct vma want = {
		.prot = prot & (PROT_READ | PROT_WRITE | PROT_EXEC),
		.flags = flags & VMA_FLAGS,
		.file = file,
		.offset = file ? offset : 0,
	};
	struct vma *dead = NULL;
	int err = check_map(&len, prot, flags, file, offset);

	if (err)
		return err;
	struct vma *vma = vma_copy(&want);

	if (!vma)
		return -ENOMEM;
	/* Before any page of it can be mapped: unmap_file looks at this. */
	if (file)
		__atomic_store_n(&file->inode->mapped, true, __ATOMIC_SEQ_CST);
	mutex_lock(&mm->lock);
	err = place_locked(mm, addr, len, flags);
	if (!err && (flags & MAP_FIXED))
		err = unmap_locked(mm, *addr, *addr + len, &dead);
	if (!err) {
		vma->start = *addr;
		vma->end = *addr + len;
		vma->file_end = vma->end;
		if (file && file_end && file_end < vma->end)
			vma->file_end = MAX(file_end, vma->start);
		vma_enter(mm, vma, &dead);
		mm->total_pages += len >> PAGE_SHIFT;
	}
	mutex_unlock(&mm->lock);
	vma_dispose(dead);
	if (err)
		vma_dispose(vma);
	return err;
}

int mm_unmap(struct mm *mm, uintptr_t addr, size_t len)
{
	struct vma *dead = NULL;

	if (addr % PAGE_SIZE || addr > mm->task_size || len > mm->task_size - addr || !len)
		return -EINVAL;
	len = ALIGN_UP(len, PAGE_SIZE);
	mutex_lock(&mm->lock);
	int err = unmap_locked(mm, addr, addr + len, &dead);

	mutex_unlock(&mm->lock);
	vma_dispose(dead);
	return err;
}

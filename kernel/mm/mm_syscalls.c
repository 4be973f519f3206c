/* SPDX-License-Identifier: MIT */
/* The system calls of mapping: forms and checks; mmap.c and its neighbours do the work. */
#include <asm/errno.h>
#include <linux/mman.h>
#include "kernel/fs/devices.h"
#include "kernel/fs/fd.h"
#include "kernel/mm/mmap.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/syscall.h"
#include "sched/thread.h"

/* What MAP_SHARED and MAP_PRIVATE silently accept; MAP_SHARED_VALIDATE refuses all else. */
#define LEGACY_FLAGS                                                                       \
	(MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_DENYWRITE |            \
	 MAP_EXECUTABLE | MAP_UNINITIALIZED | MAP_GROWSDOWN | MAP_LOCKED | MAP_NORESERVE | \
	 MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB | MAP_32BIT)

/* Shared anonymous memory is a file without a name. */
static struct file *shared_file(unsigned flags, size_t len, int *err)
{
	if (!(flags & MAP_SHARED))
		return NULL;
	struct file *file = NULL;

	/* Checked here, because rounding up must not wrap. */
	if (len && len <= TASK_SIZE_MAX)
		file = shmem_file_create(ALIGN_UP(len, PAGE_SIZE));
	if (!file)
		*err = len ? -ENOMEM : -EINVAL;
	return file;
}

/*
 * The file to map, with a reference.  /dev/zero is an older way to say MAP_ANONYMOUS: it becomes
 * that here, as far as its descriptor's access mode allows, and is no file any more.
 */
static int get_file(int fd, unsigned prot, unsigned *flags, struct file **out)
{
	struct file *file = *out = fd_get_open(fd);

	if (!file)
		return -EBADF;
	if ((*flags & MAP_TYPE) == MAP_SHARED_VALIDATE) {
		if (*flags & ~(LEGACY_FLAGS | MAP_TYPE))
			return -EOPNOTSUPP;
		*flags = (*flags & ~MAP_TYPE) | MAP_SHARED;
	}
	if (file->inode->rdev != DEVICE(1, 5))
		return 0;
	if (!file_allows(file, FILE_READ) || (*flags & MAP_SHARED && prot & PROT_WRITE &&
					      !file_allows(file, FILE_WRITE)))
		return -EACCES;
	*flags |= MAP_ANONYMOUS;
	*out = NULL;
	file_put(file);
	return 0;
}

static long map(uintptr_t addr, size_t len, unsigned prot, unsigned flags, int fd, uint64_t offset)
{
	struct file *file = NULL;
	int err = 0;

	/* High bits are the kernel's own VMA_* there. */
	flags &= ~VMA_OWN;
	if (offset % PAGE_SIZE)
		return -EINVAL;
	if (flags & MAP_HUGETLB)
		return -ENOMEM;		/* as on a Linux without reserved huge pages */
	if (!(flags & MAP_ANONYMOUS))
		err = get_file(fd, prot, &flags, &file);
	if (!err && flags & MAP_TYPE & ~(MAP_SHARED | MAP_PRIVATE))
		err = -EINVAL;
	if (!err && flags & MAP_ANONYMOUS) {
		offset = 0;
		file = shared_file(flags, len, &err);
	}
	if (!err)
		err = mm_map(current_thread()->mm, &addr, len, prot, flags, file, offset, 0);
	if (file)
		file_put(file);
	return err ? err : (long)addr;
}

SYSCALL6(mmap, uintptr_t, addr, size_t, len, unsigned, prot, unsigned, flags, int, fd,
	 uint64_t, offset)
{
	return map(addr, len, prot, flags, fd, offset);
}

/* INT 0x80 in a 64-bit program: its result register has 32 bits. */
static unsigned compat_flags(unsigned flags)
{
	return current_thread()->mm->task_size > TASK_SIZE_32 ? flags | MAP_32BIT : flags;
}

COMPAT_SYSCALL6(mmap2, uint32_t, addr, uint32_t, len, unsigned, prot, unsigned, flags, int, fd,
		uint32_t, page)
{
	return map(addr, len, prot, compat_flags(flags), fd, (uint64_t)page << PAGE_SHIFT);
}

/* i386 call 90: the arguments are in memory. */
COMPAT_SYSCALL1(old_mmap, const void __user *, from)
{
	struct {
		uint32_t addr, len, prot, flags, fd, offset;
	} a;

	if (copy_from_user(&a, from, sizeof(a)))
		return -EFAULT;
	return map(a.addr, a.len, a.prot, compat_flags(a.flags), a.fd, a.offset);
}

SYSCALL2(munmap, uintptr_t, addr, size_t, len)
{
	return mm_unmap(current_thread()->mm, addr, len);
}

/* PROT_GROWSDOWN: from the beginning of the growing mapping that addr is in. */
static int grows_from(struct mm *mm, uintptr_t *addr, size_t *len)
{
	int err = -ENOMEM;

	mutex_lock(&mm->lock);
	struct vma *v = vma_find(mm, *addr);

	if (v && v->start < *addr + *len) {
		err = v->flags & MAP_GROWSDOWN ? 0 : -EINVAL;
		if (!err && v->start < *addr) {
			*len += *addr - v->start;
			*addr = v->start;
		}
	}
	mutex_unlock(&mm->lock);
	return err;
}

SYSCALL3(mprotect, uintptr_t, addr, size_t, len, unsigned long, prot)
{
	struct mm *mm = current_thread()->mm;
	unsigned long grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);
	int err = 0;

	prot &= ~grows;
	if (addr % PAGE_SIZE || grows == (PROT_GROWSDOWN | PROT_GROWSUP))
		return -EINVAL;
	if (!len)
		return 0;
	if (len > mm->task_size)
		return -ENOMEM;
	/* x86 has no mapping that grows up. */
	if (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM) || (grows & PROT_GROWSUP))
		return -EINVAL;
	if (grows)
		err = grows_from(mm, &addr, &len);
	return err ? err : mm_protect(mm, addr, len, prot & ~PROT_SEM);
}

SYSCALL5(mremap, uintptr_t, addr, size_t, old_len, size_t, new_len, unsigned long, flags, uintptr_t,
	 new_addr)
{
	if (flags >> 32)
		return -EINVAL;
	return mm_remap(current_thread()->mm, addr, old_len, new_len, flags, new_addr);
}

SYSCALL1(brk, uintptr_t, brk)
{
	return mm_set_brk(current_thread()->mm, brk);
}

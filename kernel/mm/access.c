/* SPDX-License-Identifier: MIT */
/* Reading and writing an address space from outside, through the direct map. */
#include <asm/errno.h>
#include <asm/signal.h>
#include "kernel/lib/string.h"
#include "kernel/mm/fault.h"
#include "kernel/mm/user_tables.h"

/* The kernel's address for a user address, made accessible first.  NULL: *err says why. */
static void *reach(struct mm *mm, uintptr_t addr, unsigned access, int *err)
{
	struct fault_result r = fault_locked(mm, addr, access);

	if (r.signo) {
		*err = r.signo == SIGKILL ? -ENOMEM : -EFAULT;
		return NULL;
	}
	return (char *)phys_to_virt(*user_pte(mm, addr) & PTE_FRAME) + addr % PAGE_SIZE;
}

static int transfer(struct mm *mm, uintptr_t addr, void *buf, size_t n, unsigned access)
{
	char *p = buf;
	int err = 0;

	if (addr > mm->task_size || n > mm->task_size - addr)
		return -EFAULT;
	mutex_lock(&mm->lock);
	while (n) {
		size_t part = MIN(n, PAGE_SIZE - addr % PAGE_SIZE);
		void *there = reach(mm, addr, access, &err);

		if (!there)
			break;
		if (access & ACCESS_WRITE)
			memcpy(there, p, part);
		else
			memcpy(p, there, part);
		addr += part;
		p += part;
		n -= part;
	}
	mutex_unlock(&mm->lock);
	return err;
}

int mm_write(struct mm *mm, uintptr_t addr, const void *from, size_t n)
{
	/* Only read: transfer writes to it when reading from mm. */
	return transfer(mm, addr, (void *)(uintptr_t)from, n, ACCESS_WRITE);
}

int mm_read(struct mm *mm, uintptr_t addr, void *to, size_t n)
{
	return transfer(mm, addr, to, n, 0);
}

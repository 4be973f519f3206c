/* SPDX-License-Identifier: MIT */
/*
 * modify_ldt (spec R3.11).  The result is an int: a 64-bit caller sees its errors zero-extended.
 *
 * 16-bit segments are allowed: a return to a stack segment of the LDT goes by entry/espfix.asm.
 */
#include <asm/errno.h>
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/ldt.h"
#include "kernel/mm/usercopy.h"
#include "kernel/mm/vmap.h"
#include "kernel/process/process.h"
#include "kernel/process/syscall.h"
#include "kernel/process/user_desc.h"

#define DEFAULT_LDT_SIZE 128	/* what function 2 fills with zeroes on x86-64 */

/* The table, then zeroes up to the size that was asked for. */
static long read_table(char __user *to, size_t size)
{
	struct mm *mm = current_thread()->mm;
	size_t n;
	char *copy;
	long err;

	size = MIN(size, (size_t)LDT_MAX_ENTRIES * LDT_ENTRY_SIZE);
	if (!READ_ONCE(mm->ldt) || !size)
		return 0;
	copy = vmap_alloc(size);
	if (!copy)
		return -ENOMEM;
	n = ldt_read(mm, copy, size);
	err = copy_to_user(to, copy, n);
	vmap_free(copy, size);
	if (!err)
		err = clear_user(to + n, size - n);
	return err ? -EFAULT : (long)size;
}

/* There never was a default LDT in a 64-bit kernel. */
static long read_default(char __user *to, size_t size)
{
	size = MIN(size, (size_t)DEFAULT_LDT_SIZE);
	return clear_user(to, size) ? -EFAULT : (long)size;
}

static bool clears_entry(const struct user_desc *d, bool oldmode)
{
	return desc_empty(d) || (oldmode && d->base_addr == 0 && d->limit == 0);
}

static long write_entry(const char __user *from, size_t size, bool oldmode)
{
	struct user_desc d;
	uint64_t descriptor = 0;

	if (size != sizeof(d))
		return -EINVAL;
	if (copy_from_user(&d, from, sizeof(d)))
		return -EFAULT;
	if (d.entry_number >= LDT_MAX_ENTRIES)
		return -EINVAL;
	/* A conforming code segment that is present could be called from anywhere. */
	if (d.contents == 3 && (oldmode || !d.seg_not_present))
		return -EINVAL;
	if (!clears_entry(&d, oldmode)) {
		if (oldmode)
			d.useable = 0;
		descriptor = desc_encode(&d);
	}
	return ldt_set_entry(current_thread()->mm, d.entry_number, descriptor);
}

static long modify(int function, char __user *user, size_t size)
{
	switch (function) {
	case 0:
		return read_table(user, size);
	case 1:
		return write_entry(user, size, true);
	case 2:
		return read_default(user, size);
	case 0x11:
		return write_entry(user, size, false);
	default:
		return -ENOSYS;
	}
}

SYSCALL3(modify_ldt, int, function, char __user *, user, size_t, size)
{
	return (uint32_t)modify(function, user, size);
}

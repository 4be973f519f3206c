/* SPDX-License-Identifier: MIT */
/*
 * The only ways to touch user memory.  Each checks the range against TASK_SIZE_MAX,
 * opens SMAP for exactly the copy, and recovers from a fault by the exception table.
 * Thread context, no spinlock held (LOCK-2): the copy may page-fault and sleep.
 */
#pragma once

#include <asm/errno.h>
#include "kernel/lib/lock.h"
#include "kernel/mm/layout.h"

static inline int copy_from_user(void *to, const void __user *from, size_t n); /* 0 or -EFAULT */
static inline int copy_to_user(void __user *to, const void *from, size_t n);	/* 0 or -EFAULT */
static inline int clear_user(void __user *to, size_t n);		/* 0 or -EFAULT */
/* At most size bytes with the NUL.  Returns the length without it; size: no NUL; -EFAULT. */
long strncpy_from_user(char *to, const char __user *from, size_t size);

int get_user_u32(uint32_t *value, const void __user *from);
int put_user_u32(void __user *to, uint32_t value);
int get_user_u64(uint64_t *value, const void __user *from);
int put_user_u64(void __user *to, uint64_t value);
/* Compare and exchange in user memory; *old gets what was there.  0 or -EFAULT. */
int cmpxchg_user_u32(uint32_t *old, void __user *addr, uint32_t expected, uint32_t desired);

/*
 * True if no byte of the range is beyond TASK_SIZE_MAX.  No overflow: n is compared with what is
 * left above p.  The same context as the copies; LOCK-2 is checked here and not only in the rare
 * copy that faults.
 */
static __always_inline bool user_range(const void __user *p, size_t n)
{
	might_sleep();
	return (uintptr_t)p <= TASK_SIZE_MAX && n <= TASK_SIZE_MAX - (uintptr_t)p;
}

/* Bytes actually readable/writable up front: for read(2)/write(2) that stop at a bad page.
 * Return the number of bytes NOT copied. */
size_t copy_from_user_partial(void *to, const void __user *from, size_t n);
size_t copy_to_user_partial(void __user *to, const void *from, size_t n);
size_t clear_user_partial(void __user *to, size_t n);

/* kernel/mm/usercopy.asm: bytes not copied.  One side is user memory, and the range is checked. */
size_t user_copy(void *to, const void *from, size_t n);

static inline int copy_from_user(void *to, const void __user *from, size_t n)
{
	return likely(user_range(from, n)) && likely(!user_copy(to, from, n)) ? 0 : -EFAULT;
}

static inline int copy_to_user(void __user *to, const void *from, size_t n)
{
	return likely(user_range(to, n)) && likely(!user_copy(to, from, n)) ? 0 : -EFAULT;
}

static inline int clear_user(void __user *to, size_t n)
{
	return clear_user_partial(to, n) ? -EFAULT : 0;
}

/* If regs->rip is in the exception table, moves it to the fix-up; true.  Any context. */
struct pt_regs;
bool fixup_exception(struct pt_regs *regs);

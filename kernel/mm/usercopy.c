/* SPDX-License-Identifier: MIT */
/* User copies: range checks and results.  The instructions are in kernel/mm/usercopy.asm. */
#include "kernel/mm/usercopy.h"
#include "kernel/cpu/ptregs.h"
#include "kernel/mm/extable.h"

size_t user_clear(void *to, size_t n);
long user_string(char *to, const char *from, size_t n);
int user_load_32(uint32_t *to, const void *from);
int user_load_64(uint64_t *to, const void *from);
int user_store_32(void *to, uint32_t value);
int user_store_64(void *to, uint64_t value);
int user_cmpxchg_32(uint32_t *old, void *addr, uint32_t expected, uint32_t desired);

size_t copy_from_user_partial(void *to, const void __user *from, size_t n)
{
	return likely(user_range(from, n)) ? user_copy(to, from, n) : n;
}

size_t copy_to_user_partial(void __user *to, const void *from, size_t n)
{
	return likely(user_range(to, n)) ? user_copy(to, from, n) : n;
}

size_t clear_user_partial(void __user *to, size_t n)
{
	return likely(user_range(to, n)) ? user_clear(to, n) : n;
}

long strncpy_from_user(char *to, const char __user *from, size_t size)
{
	if (!user_range(from, 1))
		return -EFAULT;
	if (!size)
		return 0;
	size_t room = TASK_SIZE_MAX - (uintptr_t)from;
	long n = user_string(to, from, MIN(size, room));

	/* A string that runs into the end of user space has no NUL that the user could read. */
	return n < 0 || ((size_t)n == room && room < size) ? -EFAULT : n;
}

int get_user_u32(uint32_t *value, const void __user *from)
{
	return user_range(from, 4) && !user_load_32(value, from) ? 0 : -EFAULT;
}

int put_user_u32(void __user *to, uint32_t value)
{
	return user_range(to, 4) && !user_store_32(to, value) ? 0 : -EFAULT;
}

int get_user_u64(uint64_t *value, const void __user *from)
{
	return user_range(from, 8) && !user_load_64(value, from) ? 0 : -EFAULT;
}

int put_user_u64(void __user *to, uint64_t value)
{
	return user_range(to, 8) && !user_store_64(to, value) ? 0 : -EFAULT;
}

int cmpxchg_user_u32(uint32_t *old, void __user *addr, uint32_t expected, uint32_t desired)
{
	return user_range(addr, 4) && !user_cmpxchg_32(old, addr, expected, desired) ? 0 : -EFAULT;
}

/* Linear: a few dozen records, and they fit a handful of cache lines. */
uintptr_t extable_find(uintptr_t ip)
{
	extern const struct extable_record __ex_table_start[], __ex_table_end[];

	for (const struct extable_record *r = __ex_table_start; r < __ex_table_end; r++)
		if ((uintptr_t)&r->fault + r->fault == ip)
			return (uintptr_t)&r->fixup + r->fixup;
	return 0;
}

bool fixup_exception(struct pt_regs *regs)
{
	uintptr_t to = extable_find(regs->rip);

	if (to)
		regs->rip = to;
	return to != 0;
}

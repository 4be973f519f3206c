/* SPDX-License-Identifier: MIT */
/* Extended state in user memory: range checks.  The instructions are in user_xstate.asm. */
#include <asm/errno.h>
#include "kernel/cpu/features.h"
#include "kernel/mm/user_xstate.h"
#include "kernel/mm/usercopy.h"

int user_xsave(void *to, const void *middle, size_t size, uint32_t end_word);
int user_xsave_check(struct xsave_check *to, const void *from, size_t size);
int user_xrstor(const void *from, uint64_t mask);
int user_fxsave(void *to);
int user_fxrstor(const void *from);
int user_fnsave(void *to);
int user_frstor(const void *from);

_Static_assert(sizeof(struct xsave_middle) == 112, "the assembly copies it");
_Static_assert(offsetof(struct xsave_check, end_word) == 72, "the same");

int xsave_to_user(void __user *to, const struct xsave_middle *middle, uint32_t end_word)
{
	size_t size = cpu_info.xsave_size;

	return user_range(to, size + sizeof(end_word)) ? user_xsave(to, middle, size, end_word)
						       : -EFAULT;
}

int xsave_check_from_user(struct xsave_check *check, const void __user *from)
{
	size_t size = cpu_info.xsave_size;

	if (!user_range(from, size + sizeof(check->end_word)))
		return -EFAULT;
	return user_xsave_check(check, from, size);
}

int xrstor_from_user(const void __user *from, uint64_t mask)
{
	return user_range(from, cpu_info.xsave_size) ? user_xrstor(from, mask) : -EFAULT;
}

int fxsave_to_user(void __user *to)
{
	return user_range(to, 512) ? user_fxsave(to) : -EFAULT;
}

int fxrstor_from_user(const void __user *from)
{
	return user_range(from, 512) ? user_fxrstor(from) : -EFAULT;
}

int fnsave_to_user(void __user *to)
{
	return user_range(to, FSAVE_SIZE) ? user_fnsave(to) : -EFAULT;
}

int frstor_from_user(const void __user *from)
{
	return user_range(from, FSAVE_SIZE) ? user_frstor(from) : -EFAULT;
}

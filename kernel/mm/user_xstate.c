/* SPDX-License-Identifier: MIT */
/* Extended state in user memory: range checks.  The instructions are in user_xstate.asm. */
#include <asm/errno.h>
#include "kernel/cpu/features.h"
#include "kernel/mm/user_xstate.h"
#include "kernel/mm/usercopy.h"

int user_xsave(void *to);
int user_xrstor(const void *from, uint64_t mask);
int user_fxsave(void *to);
int user_fxrstor(const void *from);
int user_fnsave(void *to);
int user_frstor(const void *from);

int xsave_to_user(void __user *to)
{
	if (!user_range(to, cpu_info.xsave_size))
		return -EFAULT;
	return (cpu_has(FEATURE_XSAVE) ? user_xsave(to) : user_fxsave(to)) ? -EFAULT : 0;
}

int xrstor_from_user(const void __user *from, uint64_t mask)
{
	return user_range(from, cpu_info.xsave_size) && !user_xrstor(from, mask) ? 0 : -EFAULT;
}

int fxrstor_from_user(const void __user *from)
{
	return user_range(from, 512) && !user_fxrstor(from) ? 0 : -EFAULT;
}

int fnsave_to_user(void __user *to)
{
	return user_range(to, FSAVE_SIZE) && !user_fnsave(to) ? 0 : -EFAULT;
}

int frstor_from_user(const void __user *from)
{
	return user_range(from, FSAVE_SIZE) && !user_frstor(from) ? 0 : -EFAULT;
}

/* SPDX-License-Identifier: MIT */
/* Who am I.  There is one user, root; a call that would make somebody else of it is refused. */
#include <asm/errno.h>
#include "kernel/mm/usercopy.h"
#include "kernel/process/process.h"
#include "kernel/process/syscall.h"

SYSCALL0(getpid)
{
	return current_process()->pid;
}

SYSCALL0(gettid)
{
	return current_thread()->tid;
}

/* The parent may change at any time but not go away: pid 1, the last one, stays. */
SYSCALL0(getppid)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	const struct process *parent = current_process()->parent;
	int pid = parent ? parent->pid : 0;

	spin_unlock_irqrestore(&process_lock, flags);
	return pid;
}

SYSCALL0(getuid)
{
	return 0;
}

/* -EINVAL: the id does not exist here, as in a user namespace that maps only 0. */
static long become(uint32_t id)
{
	return id == 0 ? 0 : -EINVAL;
}

/* -1 leaves an id as it is; the 16-bit calls have their own -1. */
static bool keeps(uint32_t id)
{
	return id == 0 || id == UINT32_MAX || id == UINT16_MAX;
}

SYSCALL1(setuid, uint32_t, id)
{
	return become(id);
}

SYSCALL2(setreuid, uint32_t, real, uint32_t, effective)
{
	return keeps(real) && keeps(effective) ? 0 : -EINVAL;
}

SYSCALL3(setresuid, uint32_t, real, uint32_t, effective, uint32_t, saved)
{
	return keeps(real) && keeps(effective) && keeps(saved) ? 0 : -EINVAL;
}

/* Returns the old id, always. */
SYSCALL1(setfsuid, uint32_t, id)
{
	return 0;
}

SYSCALL3(getresuid, void __user *, real, void __user *, effective, void __user *, saved)
{
	if (put_user_u32(real, 0) || put_user_u32(effective, 0) || put_user_u32(saved, 0))
		return -EFAULT;
	return 0;
}

static int put_user_u16_zero(void __user *to)
{
	uint16_t zero = 0;

	return copy_to_user(to, &zero, sizeof(zero));
}

COMPAT_SYSCALL3(getresuid16, void __user *, real, void __user *, effective, void __user *, saved)
{
	if (put_user_u16_zero(real) || put_user_u16_zero(effective) || put_user_u16_zero(saved))
		return -EFAULT;
	return 0;
}

/* No supplementary groups. */
SYSCALL2(getgroups, int, size, void __user *, list)
{
	return size < 0 ? -EINVAL : 0;
}

SYSCALL2(setgroups, int, size, const void __user *, list)
{
	return size == 0 ? 0 : -EINVAL;
}

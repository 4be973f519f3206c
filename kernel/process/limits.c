/* SPDX-License-Identifier: MIT */
/* Resource limits: kept, inherited and reported.  Which of them bind is in docs/ABI.md. */
#include <asm/errno.h>
#include <linux/resource.h>
#include "kernel/mm/usercopy.h"
#include "kernel/process/compat.h"
#include "kernel/process/process.h"
#include "kernel/process/syscall.h"

_Static_assert(PROCESS_LIMITS == RLIM_NLIMITS, "one slot for each");

/* Either may be NULL.  pid 0: the caller. */
static long change_limit(int pid, unsigned which, const struct rlimit64 *new, struct rlimit64 *old)
{
	uint64_t flags;
	struct process *p;

	if (which >= PROCESS_LIMITS || (new && new->rlim_cur > new->rlim_max))
		return -EINVAL;
	flags = spin_lock_irqsave(&process_lock);
	p = pid ? process_of(pid) : current_process();
	if (p && old)
		*old = (struct rlimit64){ p->limit[which].cur, p->limit[which].max };
	if (p && new) {
		p->limit[which].cur = new->rlim_cur;
		p->limit[which].max = new->rlim_max;
	}
	spin_unlock_irqrestore(&process_lock, flags);
	return p ? 0 : -ESRCH;
}

SYSCALL4(prlimit64, int, pid, unsigned, which, const void __user *, new, void __user *, old)
{
	struct rlimit64 n, o;
	long err;

	if (new && copy_from_user(&n, new, sizeof(n)))
		return -EFAULT;
	err = change_limit(pid, which, new ? &n : NULL, &o);
	return err || !old ? err : copy_to_user(old, &o, sizeof(o));
}

/* struct rlimit of x86-64 has the layout of struct rlimit64, and the same infinity. */
SYSCALL2(getrlimit, unsigned, which, void __user *, old)
{
	struct rlimit64 o;
	long err = change_limit(0, which, NULL, &o);

	return err ? err : copy_to_user(old, &o, sizeof(o));
}

SYSCALL2(setrlimit, unsigned, which, const void __user *, new)
{
	struct rlimit64 n;

	if (copy_from_user(&n, new, sizeof(n)))
		return -EFAULT;
	return change_limit(0, which, &n, NULL);
}

static long get_compat(unsigned which, void __user *old, uint32_t infinity)
{
	struct rlimit64 o;
	struct compat_rlimit c;
	long err = change_limit(0, which, NULL, &o);

	if (err)
		return err;
	c.cur = MIN(o.rlim_cur, (uint64_t)infinity);
	c.max = MIN(o.rlim_max, (uint64_t)infinity);
	return copy_to_user(old, &c, sizeof(c));
}

COMPAT_SYSCALL2(ugetrlimit, unsigned, which, void __user *, old)
{
	return get_compat(which, old, UINT32_MAX);
}

/* The old call's values are signed. */
COMPAT_SYSCALL2(getrlimit, unsigned, which, void __user *, old)
{
	return get_compat(which, old, INT32_MAX);
}

static uint64_t widen(uint32_t limit)
{
	return limit == UINT32_MAX ? RLIM64_INFINITY : limit;
}

COMPAT_SYSCALL2(setrlimit, unsigned, which, const void __user *, new)
{
	struct compat_rlimit c;

	if (copy_from_user(&c, new, sizeof(c)))
		return -EFAULT;
	struct rlimit64 n = { widen(c.cur), widen(c.max) };

	return change_limit(0, which, &n, NULL);
}

/* SPDX-License-Identifier: MIT */
/* What was used: getrusage and times. */
#include <asm/errno.h>
#include <linux/resource.h>
#include <linux/times.h>
#include "kernel/cpu/clock.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/compat.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/rusage.h"
#include "kernel/process/syscall.h"
#include "kernel/process/timespec.h"

#define NS_PER_TICK 10000000ull	/* AT_CLKTCK: 100 in a second */

int rusage_to_user(void __user *to, uint64_t runtime_ns, bool compat)
{
	uint64_t sec = runtime_ns / NS_PER_SEC, usec = runtime_ns % NS_PER_SEC / 1000;

	if (compat) {
		struct compat_rusage c = { .utime = { sec, usec } };

		return copy_to_user(to, &c, sizeof(c));
	}
	struct rusage r = { .ru_utime = { sec, usec } };

	return copy_to_user(to, &r, sizeof(r));
}

static void own_and_children(uint64_t *own, uint64_t *children)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	struct process *p = current_process();

	*own = process_runtime_ns(p);
	*children = p->child_runtime_ns;
	spin_unlock_irqrestore(&process_lock, flags);
}

static long getrusage_common(int who, void __user *usage, bool compat)
{
	uint64_t own, children;

	own_and_children(&own, &children);
	switch (who) {
	case RUSAGE_SELF:
		return rusage_to_user(usage, own, compat);
	case RUSAGE_CHILDREN:
		return rusage_to_user(usage, children, compat);
	case RUSAGE_THREAD:
		return rusage_to_user(usage, thread_runtime_ns(current_thread()), compat);
	default:
		return -EINVAL;
	}
}

SYSCALL2(getrusage, int, who, void __user *, usage)
{
	return getrusage_common(who, usage, false);
}

COMPAT_SYSCALL2(getrusage, int, who, void __user *, usage)
{
	return getrusage_common(who, usage, true);
}

SYSCALL1(times, void __user *, buf)
{
	struct tms t = { 0 };
	uint64_t own, children;

	own_and_children(&own, &children);
	t.tms_utime = own / NS_PER_TICK;
	t.tms_cutime = children / NS_PER_TICK;
	if (buf && copy_to_user(buf, &t, sizeof(t)))
		return -EFAULT;
	return clock_monotonic_ns() / NS_PER_TICK;
}

COMPAT_SYSCALL1(times, void __user *, buf)
{
	struct compat_tms t = { 0 };
	uint64_t own, children;

	own_and_children(&own, &children);
	t.utime = own / NS_PER_TICK;
	t.cutime = children / NS_PER_TICK;
	if (buf && copy_to_user(buf, &t, sizeof(t)))
		return -EFAULT;
	return (uint32_t)(clock_monotonic_ns() / NS_PER_TICK);
}

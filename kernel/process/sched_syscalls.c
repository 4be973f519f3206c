/* SPDX-License-Identifier: MIT */
/*
 * The scheduler as programs see it: one policy, SCHED_OTHER; affinity; nice values that are
 * only kept.
 */
#include <asm/errno.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include "kernel/lib/string.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/pid.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/syscall.h"
#include "kernel/process/timespec.h"
#include "sched/sched.h"

SYSCALL0(sched_yield)
{
	sched_yield_now();
	return 0;
}

/* The thread must stay in existence, so fn runs with process_lock held.  pid 0: the caller. */
static long with_thread(int pid, long (*fn)(struct thread *t, void *arg), void *arg)
{
	uint64_t flags;
	struct thread *t;
	long result;

	if (pid < 0)
		return -EINVAL;
	flags = spin_lock_irqsave(&process_lock);
	t = pid ? thread_find(pid) : current_thread();
	result = t ? fn(t, arg) : -ESRCH;
	spin_unlock_irqrestore(&process_lock, flags);
	return result;
}

static long exists(struct thread *t, void *arg)
{
	return 0;
}

/* For the caller itself this comes later, without the lock: it may have to move at once. */
static long set_affinity(struct thread *t, void *mask)
{
	return t == current_thread() ? 0 : sched_set_affinity(t, *(uint64_t *)mask);
}

SYSCALL3(sched_setaffinity, int, pid, uint32_t, size, const void __user *, from)
{
	uint64_t mask = 0;
	long err;

	if (copy_from_user(&mask, from, MIN(size, sizeof(mask))))
		return -EFAULT;
	if (pid == current_thread()->tid)
		pid = 0;
	err = with_thread(pid, set_affinity, &mask);
	return !err && pid == 0 ? sched_set_affinity(current_thread(), mask) : err;
}

static long get_affinity(struct thread *t, void *mask)
{
	*(uint64_t *)mask = t->affinity;
	return 0;
}

/* Returns the bytes that it filled: one 64-bit word, or what a 32-bit caller has room for. */
static long getaffinity_common(int pid, uint32_t size, void __user *to, size_t unit)
{
	uint64_t mask, online = 0;
	long err;

	if (size % unit || size * 8 < cpu_count)
		return -EINVAL;
	err = with_thread(pid, get_affinity, &mask);
	if (err)
		return err;
	for_each_cpu (c)
		online |= (uint64_t)percpu_table[c].online << c;
	mask &= online;
	size = MIN(size, sizeof(mask));
	return copy_to_user(to, &mask, size) ? -EFAULT : (long)size;
}

SYSCALL3(sched_getaffinity, int, pid, uint32_t, size, void __user *, to)
{
	return getaffinity_common(pid, size, to, 8);
}

COMPAT_SYSCALL3(sched_getaffinity, int, pid, uint32_t, size, void __user *, to)
{
	return getaffinity_common(pid, size, to, 4);
}

/* Real-time policies are refused like to a user without the privilege. */
static long check_policy(int policy, int priority)
{
	switch (policy & ~SCHED_RESET_ON_FORK) {
	case SCHED_NORMAL:
	case SCHED_BATCH:
	case SCHED_IDLE:
		return priority == 0 ? 0 : -EINVAL;
	case SCHED_FIFO:
	case SCHED_RR:
		return priority >= 1 && priority <= 99 ? -EPERM : -EINVAL;
	default:
		return -EINVAL;
	}
}

SYSCALL3(sched_setscheduler, int, pid, int, policy, const void __user *, param)
{
	uint32_t priority;
	long err;

	if (policy < 0)
		return -EINVAL;
	if (get_user_u32(&priority, param))
		return -EFAULT;
	err = with_thread(pid, exists, NULL);
	return err ? err : check_policy(policy, priority);
}

SYSCALL2(sched_setparam, int, pid, const void __user *, param)
{
	uint32_t priority;
	long err;

	if (get_user_u32(&priority, param))
		return -EFAULT;
	err = with_thread(pid, exists, NULL);
	return err ? err : check_policy(SCHED_NORMAL, priority);
}

SYSCALL1(sched_getscheduler, int, pid)
{
	return with_thread(pid, exists, NULL);	/* SCHED_NORMAL is 0 */
}

SYSCALL2(sched_getparam, int, pid, void __user *, param)
{
	long err = with_thread(pid, exists, NULL);

	return err ? err : put_user_u32(param, 0);
}

static long priority_limit(int policy, int realtime)
{
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return realtime;
	return policy >= SCHED_NORMAL && policy <= SCHED_DEADLINE && policy != 4 ? 0 : -EINVAL;
}

SYSCALL1(sched_get_priority_max, int, policy)
{
	return priority_limit(policy, 99);
}

SYSCALL1(sched_get_priority_min, int, policy)
{
	return priority_limit(policy, 1);
}

static long rr_interval(int pid, void __user *to, enum timespec_layout layout)
{
	long err = with_thread(pid, exists, NULL);

	return err ? err : timespec_put(to, SLICE_NS, layout);
}

SYSCALL2(sched_rr_get_interval, int, pid, void __user *, to)
{
	return rr_interval(pid, to, TIMESPEC_64);
}

COMPAT_SYSCALL2(sched_rr_get_interval, int, pid, void __user *, to)
{
	return rr_interval(pid, to, TIMESPEC_32);
}

/* Which CPU; there is one memory node.  The third argument is not used since Linux 2.6.24. */
SYSCALL3(getcpu, void __user *, cpu, void __user *, node, void __user *, unused)
{
	if (cpu && put_user_u32(cpu, this_cpu(cpu)))
		return -EFAULT;
	return node && put_user_u32(node, 0) ? -EFAULT : 0;
}

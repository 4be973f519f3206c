/* SPDX-License-Identifier: MIT */
/* The scheduler as programs see it: policies and affinity. */
#include <asm/errno.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include "kernel/cpu/clock.h"
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

/*
 * The thread must stay in existence, so fn runs with process_lock held.  pid 0: the caller.  Of a
 * negative one, policies say -EINVAL and affinities -ESRCH, as on Linux.
 */
static long with_thread(int pid, long (*fn)(struct thread *t, void *arg), void *arg)
{
	uint64_t flags;
	struct thread *t;
	long result;

	flags = spin_lock_irqsave(&process_lock);
	t = pid ? thread_find(pid) : current_thread();
	result = t ? fn(t, arg) : -ESRCH;
	spin_unlock_irqrestore(&process_lock, flags);
	return result;
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

/*
 * Root is the only user here, so real-time policies are for everyone.  SCHED_BATCH and SCHED_IDLE
 * are kept and reported, and scheduled like SCHED_OTHER.
 */
struct policy_change {
	int policy;	/* -1: as it is */
	unsigned priority;
	bool reset_on_fork;
};

static long set_policy(struct thread *t, void *arg)
{
	const struct policy_change *c = arg;
	int policy = c->policy < 0 ? t->policy : c->policy;
	bool realtime = policy == SCHED_FIFO || policy == SCHED_RR;

	if (!realtime && policy != SCHED_NORMAL && policy != SCHED_BATCH && policy != SCHED_IDLE)
		return -EINVAL;
	if (c->priority > REALTIME_MAX || realtime != (c->priority != 0))
		return -EINVAL;
	if (c->policy >= 0)
		t->reset_on_fork = c->reset_on_fork;
	sched_set_policy(t, policy, c->priority);
	return 0;
}

SYSCALL3(sched_setscheduler, int, pid, int, policy, const void __user *, param)
{
	struct policy_change c = { .policy = policy & ~SCHED_RESET_ON_FORK,
				   .reset_on_fork = policy & SCHED_RESET_ON_FORK };

	if (pid < 0 || policy < 0 || !param)
		return -EINVAL;
	if (get_user_u32(&c.priority, param))
		return -EFAULT;
	return with_thread(pid, set_policy, &c);
}

SYSCALL2(sched_setparam, int, pid, const void __user *, param)
{
	struct policy_change c = { .policy = -1 };

	if (pid < 0 || !param)
		return -EINVAL;
	if (get_user_u32(&c.priority, param))
		return -EFAULT;
	return with_thread(pid, set_policy, &c);
}

static long get_policy(struct thread *t, void *unused)
{
	return t->policy | (t->reset_on_fork ? SCHED_RESET_ON_FORK : 0);
}

SYSCALL1(sched_getscheduler, int, pid)
{
	return pid < 0 ? -EINVAL : with_thread(pid, get_policy, NULL);
}

static long get_level(struct thread *t, void *unused)
{
	return t->level;
}

SYSCALL2(sched_getparam, int, pid, void __user *, param)
{
	long level;

	if (pid < 0 || !param)
		return -EINVAL;
	level = with_thread(pid, get_level, NULL);
	return level < 0 ? level : put_user_u32(param, (uint32_t)level);
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

static long get_slice_us(struct thread *t, void *unused)
{
	return t->policy == SCHED_FIFO ? 0 : clock_cycles_to_ns(t->slice + 1) / 1000;
}

static long rr_interval(int pid, void __user *to, enum timespec_layout layout)
{
	long us = pid < 0 ? -EINVAL : with_thread(pid, get_slice_us, NULL);

	return us < 0 ? us : timespec_put(to, us * 1000, layout);
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

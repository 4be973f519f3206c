/* SPDX-License-Identifier: MIT */
/* futex(2) in its three forms.  Priority inheritance is not offered: -ENOSYS. */
#include <asm/errno.h>
#include <limits.h>
#include <linux/futex.h>
#include "kernel/cpu/clock.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/syscall.h"
#include "kernel/process/timespec.h"
#include "sched/futex.h"
#include "sched/sched.h"
#include "sched/timer.h"

#define WAIT_SHARED   1u
#define WAIT_REALTIME 2u

/* A wait with a time limit goes on after a signal with the same limit. */
static long wait_again(struct restart_block *r)
{
	long result = futex_wait(r->arg[0], r->arg[1], r->arg[2],
				 (struct deadline){ r->deadline, r->arg[3] & WAIT_REALTIME },
				 r->arg[3] & WAIT_SHARED);

	return result == -ERESTARTSYS ? -ERESTART_RESTARTBLOCK : result;
}

static long do_wait(uintptr_t addr, uint32_t value, uint32_t bitset, struct deadline deadline,
		    bool shared)
{
	struct thread *t = current_thread();
	long result = futex_wait(addr, value, bitset, deadline, shared);
	unsigned how = (shared ? WAIT_SHARED : 0) | (deadline.realtime ? WAIT_REALTIME : 0);

	if (likely(result != -ERESTARTSYS) || deadline.ns == TIMEOUT_NEVER)
		return result;
	t->restart = (struct restart_block){ .fn = wait_again,
					     .deadline = deadline.ns,
					     .arg = { addr, value, bitset, how },
					     .compat = t->syscall_compat };
	return -ERESTART_RESTARTBLOCK;
}

/* FUTEX_WAIT: from now.  FUTEX_WAIT_BITSET: a point of one of the two clocks. */
static struct deadline deadline_of(int op, uint64_t ns)
{
	if ((op & FUTEX_CMD_MASK) == FUTEX_WAIT)
		return (struct deadline){ deadline_after(ns), false };
	return (struct deadline){ ns, op & FUTEX_CLOCK_REALTIME };
}

static uint32_t apply(unsigned op, uint32_t old, uint32_t arg)
{
	switch (op) {
	case FUTEX_OP_SET:
		return arg;
	case FUTEX_OP_ADD:
		return old + arg;
	case FUTEX_OP_OR:
		return old | arg;
	case FUTEX_OP_ANDN:
		return old & ~arg;
	default:
		return old ^ arg;
	}
}

static bool compare(unsigned op, int32_t old, int32_t arg)
{
	switch (op) {
	case FUTEX_OP_CMP_EQ:
		return old == arg;
	case FUTEX_OP_CMP_NE:
		return old != arg;
	case FUTEX_OP_CMP_LT:
		return old < arg;
	case FUTEX_OP_CMP_LE:
		return old <= arg;
	case FUTEX_OP_CMP_GT:
		return old > arg;
	default:
		return old >= arg;
	}
}

/*
 * Bits 28-31 operation (31: the argument is a shift), 24-27 comparison, 12-23 and 0-11 their
 * arguments.
 */
static long wake_op(uintptr_t addr, uintptr_t addr2, unsigned n, unsigned n2, uint32_t code,
		    bool shared)
{
	unsigned op = code >> 28 & 7, cmp = code >> 24 & 15;
	uint32_t arg = (int32_t)(code << 8) >> 20, old, seen;
	int32_t cmp_arg = (int32_t)(code << 20) >> 20;
	long woken, more;

	if (code >> 31)
		arg = 1u << (arg & 31);
	if (op > FUTEX_OP_XOR || cmp > FUTEX_OP_CMP_GE)
		return -ENOSYS;
	if (addr2 % sizeof(uint32_t))
		return -EINVAL;
	if (get_user_u32(&old, (void __user *)addr2))
		return -EFAULT;
	for (;; old = seen) {
		if (cmpxchg_user_u32(&seen, (void __user *)addr2, old, apply(op, old, arg)))
			return -EFAULT;
		if (seen == old)
			break;
	}
	woken = futex_wake(addr, n, FUTEX_BITSET_MATCH_ANY, shared);
	if (woken < 0 || !compare(cmp, old, cmp_arg))
		return woken;
	more = futex_wake(addr2, n2, FUTEX_BITSET_MATCH_ANY, shared);
	return more < 0 ? more : woken + more;
}

static long requeue(uintptr_t from, uintptr_t to, int wake, int move, const uint32_t *expected,
		    bool shared)
{
	uint32_t found;

	if (wake < 0 || move < 0)
		return -EINVAL;
	if (expected) {
		if (get_user_u32(&found, (void __user *)from))
			return -EFAULT;
		if (found != *expected)
			return -EAGAIN;
	}
	return futex_requeue(from, to, wake, move, shared);
}

struct futex_args {
	uintptr_t addr, addr2;
	int op;
	uint32_t val, val2, val3;	/* val2 comes in the place of the time limit */
	uint64_t ns;			/* the time limit; TIMEOUT_NEVER: none */
};

static long futex_common(const struct futex_args *a)
{
	bool shared = !(a->op & FUTEX_PRIVATE_FLAG);
	int command = a->op & FUTEX_CMD_MASK;

	if ((a->op & FUTEX_CLOCK_REALTIME) && command != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	switch (command) {
	case FUTEX_WAIT:
		return do_wait(a->addr, a->val, FUTEX_BITSET_MATCH_ANY, deadline_of(a->op, a->ns),
			       shared);
	case FUTEX_WAIT_BITSET:
		return do_wait(a->addr, a->val, a->val3, deadline_of(a->op, a->ns), shared);
	case FUTEX_WAKE:
		return futex_wake(a->addr, a->val, FUTEX_BITSET_MATCH_ANY, shared);
	case FUTEX_WAKE_BITSET:
		return futex_wake(a->addr, a->val, a->val3, shared);
	case FUTEX_WAKE_OP:
		return wake_op(a->addr, a->addr2, a->val, a->val2, a->val3, shared);
	case FUTEX_REQUEUE:
		return requeue(a->addr, a->addr2, a->val, a->val2, NULL, shared);
	case FUTEX_CMP_REQUEUE:
		return requeue(a->addr, a->addr2, a->val, a->val2, &a->val3, shared);
	default:
		return -ENOSYS;
	}
}

/* The fourth argument is a time limit for the waits, a number for the others. */
static long futex_layout(uintptr_t addr, int op, uint32_t val, uint64_t arg4, uintptr_t addr2,
			 uint32_t val3, enum timespec_layout layout)
{
	struct futex_args a = { addr, addr2, op, val, arg4, val3, TIMEOUT_NEVER };
	int command = op & FUTEX_CMD_MASK;

	if (arg4 && (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET)) {
		int err = timespec_get(&a.ns, (void __user *)arg4, layout);

		if (err)
			return err;
	}
	return futex_common(&a);
}

SYSCALL6(futex, uint64_t, addr, int, op, uint32_t, val, uint64_t, arg4, uint64_t, addr2,
	 uint32_t, val3)
{
	return futex_layout(addr, op, val, arg4, addr2, val3, TIMESPEC_64);
}

COMPAT_SYSCALL6(futex, uint64_t, addr, int, op, uint32_t, val, uint64_t, arg4, uint64_t, addr2,
		uint32_t, val3)
{
	return futex_layout(addr, op, val, arg4, addr2, val3, TIMESPEC_32);
}

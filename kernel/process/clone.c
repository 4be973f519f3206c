/* SPDX-License-Identifier: MIT */
/* fork, vfork, clone and clone3: from the caller's arguments to a struct clone_request. */
#include <asm/errno.h>
#include <asm/signal.h>
#include <linux/sched.h>
#include "kernel/lib/string.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/clone.h"
#include "kernel/process/sigstate.h"
#include "kernel/process/syscall.h"
#include "sched/thread.h"

SYSCALL0(fork)
{
	struct clone_request r = { .exit_signal = SIGCHLD };

	return process_clone(&r);
}

SYSCALL0(vfork)
{
	struct clone_request r = { .flags = CLONE_VM | CLONE_VFORK, .exit_signal = SIGCHLD };

	return process_clone(&r);
}

/* The low byte is the exit signal; CLONE_DETACHED is ignored but for one combination. */
static long clone_common(uint64_t flags, uint64_t stack, void __user *parent_tid,
			 void __user *child_tid, uint64_t tls)
{
	struct clone_request r = { .flags = (uint32_t)flags & ~(uint32_t)(CSIGNAL | CLONE_DETACHED),
				   .exit_signal = flags & CSIGNAL,
				   .stack = stack,
				   .tls = tls,
				   .parent_tid = parent_tid,
				   .child_tid = child_tid };

	return process_clone(&r);
}

/* The two tables disagree about the order of the last two arguments. */
SYSCALL5(clone, uint64_t, flags, uint64_t, stack, void __user *, parent_tid,
	 void __user *, child_tid, uint64_t, tls)
{
	return clone_common(flags, stack, parent_tid, child_tid, tls);
}

COMPAT_SYSCALL5(clone, uint64_t, flags, uint64_t, stack, void __user *, parent_tid,
		uint64_t, tls, void __user *, child_tid)
{
	return clone_common(flags, stack, parent_tid, child_tid, tls);
}

/* A longer structure than ours is fine as long as what we do not know is zero. */
static int copy_clone_args(struct clone_args *args, const char __user *from, size_t size)
{
	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	memset(args, 0, sizeof(*args));
	if (copy_from_user(args, from, MIN(size, sizeof(*args))))
		return -EFAULT;
	for (size_t at = sizeof(*args); at < size; at++) {
		uint8_t byte;

		if (copy_from_user(&byte, from + at, 1))
			return -EFAULT;
		if (byte)
			return -E2BIG;
	}
	return 0;
}

static bool clone_args_ok(const struct clone_args *a)
{
	const uint64_t known = (uint32_t)~(CSIGNAL | CLONE_DETACHED) | CLONE_CLEAR_SIGHAND |
			       CLONE_INTO_CGROUP | CLONE_NEWTIME;

	if (a->flags & ~known)
		return false;
	if (a->exit_signal > SIGNALS)
		return false;
	if ((a->flags & (CLONE_THREAD | CLONE_PARENT)) && a->exit_signal)
		return false;
	if (!a->stack != !a->stack_size || a->stack + a->stack_size < a->stack)
		return false;
	return !a->set_tid && !a->set_tid_size;	/* numbers are the kernel's choice */
}

SYSCALL2(clone3, const char __user *, from, size_t, size)
{
	struct clone_args a;
	int err = copy_clone_args(&a, from, size);

	if (err)
		return err;
	if (!clone_args_ok(&a))
		return -EINVAL;
	struct clone_request r = { .flags = a.flags,
				   .exit_signal = a.exit_signal,
				   .stack = a.stack + a.stack_size,
				   .tls = a.tls,
				   .parent_tid = (void __user *)a.parent_tid,
				   .child_tid = (void __user *)a.child_tid };

	return process_clone(&r);
}

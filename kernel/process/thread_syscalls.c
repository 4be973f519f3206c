/* SPDX-License-Identifier: MIT */
/* Small things that a thread or process says about itself. */
#include <asm/errno.h>
#include <linux/futex.h>
#include <linux/prctl.h>
#include "kernel/lib/string.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/compat.h"
#include "kernel/process/pid.h"
#include "kernel/process/syscall.h"

SYSCALL1(set_tid_address, uint64_t, word)
{
	struct thread *t = current_thread();

	t->clear_child_tid = word;
	return t->tid;
}

static long set_robust_list(uintptr_t head, size_t size, size_t expected)
{
	if (size != expected)
		return -EINVAL;
	current_thread()->robust_list = head;
	return 0;
}

SYSCALL2(set_robust_list, uint64_t, head, size_t, size)
{
	return set_robust_list(head, size, sizeof(struct robust_list_head));
}

COMPAT_SYSCALL2(set_robust_list, uint64_t, head, size_t, size)
{
	return set_robust_list(head, size, sizeof(struct compat_robust_list_head));
}

static long find_robust_list(int tid, uintptr_t *head)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	const struct thread *t = tid ? thread_find(tid) : current_thread();

	if (t)
		*head = t->robust_list;
	spin_unlock_irqrestore(&process_lock, flags);
	return t ? 0 : -ESRCH;
}

SYSCALL3(get_robust_list, int, tid, void __user *, head, void __user *, size)
{
	uintptr_t value;
	long err = find_robust_list(tid, &value);

	if (err)
		return err;
	if (put_user_u64(size, sizeof(struct robust_list_head)) || put_user_u64(head, value))
		return -EFAULT;
	return 0;
}

COMPAT_SYSCALL3(get_robust_list, int, tid, void __user *, head, void __user *, size)
{
	uintptr_t value;
	long err = find_robust_list(tid, &value);

	if (err)
		return err;
	if (put_user_u32(size, sizeof(struct compat_robust_list_head)) || put_user_u32(head, value))
		return -EFAULT;
	return 0;
}

static long set_name(const char __user *name)
{
	struct thread *t = current_thread();
	char buf[sizeof(t->comm)];
	long n = strncpy_from_user(buf, name, sizeof(buf) - 1);

	if (n < 0)
		return n;
	buf[n] = 0;
	strlcpy(t->comm, buf, sizeof(t->comm));
	if (t == t->process->leader)
		strlcpy(t->process->comm, buf, sizeof(t->process->comm));
	return 0;
}

SYSCALL5(prctl, int, option, uint64_t, arg2, uint64_t, arg3, uint64_t, arg4, uint64_t, arg5)
{
	struct thread *t = current_thread();

	switch (option) {
	case PR_SET_NAME:
		return set_name((const char __user *)arg2);
	case PR_GET_NAME:
		return copy_to_user((void __user *)arg2, t->comm, sizeof(t->comm));
	default:
		return -EINVAL;
	}
}

/* Only kept: every program gets the same layout and rules. */
SYSCALL1(personality, uint32_t, value)
{
	struct process *p = current_process();
	uint32_t old = p->personality;

	if (value != UINT32_MAX)
		p->personality = value;
	return old;
}

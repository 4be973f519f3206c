/* SPDX-License-Identifier: MIT */
/* poll and ppoll. */
#include <asm/errno.h>
#include <linux/poll.h>
#include "kernel/cpu/clock.h"
#include "kernel/fs/fd.h"
#include "kernel/fs/poll_wait.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/process.h"
#include "kernel/process/syscall.h"
#include "sched/timer.h"

static int get_items(struct poll_item *items, const struct pollfd __user *user, size_t n)
{
	struct pollfd pfd;

	for (size_t i = 0; i < n; i++) {
		if (copy_from_user(&pfd, user + i, sizeof(pfd)))
			return -EFAULT;
		if (pfd.fd < 0)
			continue;
		items[i].events = pfd.events;
		items[i].file = fd_get_open(pfd.fd);
		if (!items[i].file)
			items[i].revents = POLLNVAL;
	}
	return 0;
}

static int put_items(const struct poll_item *items, struct pollfd __user *user, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (copy_to_user(&user[i].revents, &items[i].revents, sizeof(user[i].revents)))
			return -EFAULT;
	}
	return 0;
}

static long poll_until(struct pollfd __user *user, size_t n, uint64_t deadline)
{
	struct poll_item small[POLL_FEW], *items;
	long ret;

	if (n > fd_limit())
		return -EINVAL;
	items = poll_items_alloc(small, n);
	if (!items)
		return -ENOMEM;
	ret = get_items(items, user, n);
	if (!ret)
		ret = poll_items_wait(items, n, deadline);
	if (ret >= 0 && put_items(items, user, n))
		ret = -EFAULT;
	poll_items_free(items, small, n);
	return ret;
}

static long poll_restartable(struct pollfd __user *user, size_t n, uint64_t deadline);

static long poll_restart(struct restart_block *r)
{
	return poll_restartable((struct pollfd __user *)r->arg[0], r->arg[1], r->deadline);
}

/* After a signal without a handler it goes on to the same deadline (spec 6.10). */
static long poll_restartable(struct pollfd __user *user, size_t n, uint64_t deadline)
{
	struct thread *t = current_thread();
	long ret = poll_until(user, n, deadline);

	if (ret != -ERESTARTNOHAND)
		return ret;
	t->restart = (struct restart_block){
		.fn = poll_restart,
		.deadline = deadline,
		.arg = { (uintptr_t)user, n },
		.compat = t->syscall_compat,
	};
	return -ERESTART_RESTARTBLOCK;
}

SYSCALL3(poll, struct pollfd __user *, user, unsigned, n, int, timeout_ms)
{
	uint64_t deadline = TIMEOUT_NEVER;

	if (timeout_ms >= 0)
		deadline = timeout_ms ? clock_monotonic_ns() + timeout_ms * 1000000ull : POLL_NOW;
	return poll_restartable(user, n, deadline);
}

static long poll_masked(struct pollfd __user *user, size_t n, void __user *timeout,
			enum timeout_layout layout, const void __user *mask, size_t mask_size)
{
	struct temporary_mask m;
	uint64_t deadline;
	long ret = timeout_get(timeout, layout, &deadline);

	if (!ret)
		ret = temporary_mask_begin(&m, mask, mask_size);
	if (ret)
		return ret;
	ret = poll_until(user, n, deadline);
	temporary_mask_end(&m, ret);
	timeout_put(timeout, layout, deadline);
	return ret;
}

SYSCALL5(ppoll, struct pollfd __user *, user, unsigned, n, void __user *, timeout,
	 const void __user *, mask, size_t, mask_size)
{
	return poll_masked(user, n, timeout, TIMEOUT_TIMESPEC, mask, mask_size);
}

COMPAT_SYSCALL5(ppoll, struct pollfd __user *, user, unsigned, n, void __user *, timeout,
		const void __user *, mask, uint32_t, mask_size)
{
	return poll_masked(user, n, timeout, TIMEOUT_TIMESPEC32, mask, mask_size);
}

/* SPDX-License-Identifier: MIT */
/* select and pselect6, by the machinery of poll. */
#include <asm/errno.h>
#include <linux/poll.h>
#include "kernel/fs/fd.h"
#include "kernel/fs/poll_wait.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/compat.h"
#include "kernel/process/syscall.h"

/*
 * What makes a descriptor readable, writable, exceptional (select(2), "Correspondence
 * between ...").
 */
static const uint16_t wanted[3] = {
	POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR,
	POLLWRNORM | POLLWRBAND | POLLOUT | POLLERR,
	POLLPRI,
};

/* The three sets; bits are in the same places for 32-bit programs, whose words are shorter. */
struct fd_sets {
	uint64_t bits[3][FILES_MAX / 64];
	void __user *user[3];	/* NULL: empty */
	size_t bytes;
};

static bool has(const struct fd_sets *s, unsigned set, unsigned fd)
{
	return s->bits[set][fd / 64] >> fd % 64 & 1;
}

/* Bits from nfds on, in the last word, do not count. */
static int get_sets(struct fd_sets *s, unsigned nfds)
{
	for (unsigned set = 0; set < 3; set++) {
		if (s->user[set] && copy_from_user(s->bits[set], s->user[set], s->bytes))
			return -EFAULT;
		if (nfds % 64)
			s->bits[set][nfds / 64] &= (1ull << nfds % 64) - 1;
	}
	return 0;
}

static int put_sets(const struct fd_sets *s)
{
	for (unsigned set = 0; set < 3; set++) {
		if (s->user[set] && copy_to_user(s->user[set], s->bits[set], s->bytes))
			return -EFAULT;
	}
	return 0;
}

/* Items that are needed; items may be NULL to count only.  -EBADF */
static long make_items(const struct fd_sets *s, unsigned nfds, struct poll_item *items)
{
	long n = 0;

	for (unsigned fd = 0; fd < nfds; fd++) {
		unsigned events = 0;

		for (unsigned set = 0; set < 3; set++)
			events |= has(s, set, fd) ? wanted[set] : 0;
		if (!events)
			continue;
		if (items) {
			items[n].file = fd_get(fd);
			items[n].fd = fd;
			items[n].events = events;
			if (!items[n].file)
				return -EBADF;
		}
		n++;
	}
	return n;
}

/* Leaves in the sets what is ready; the number of bits. */
static long take_results(struct fd_sets *s, const struct poll_item *items, size_t n)
{
	long count = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned fd = items[i].fd;

		for (unsigned set = 0; set < 3; set++) {
			bool ready = has(s, set, fd) && items[i].revents & wanted[set];

			if (!ready)
				s->bits[set][fd / 64] &= ~(1ull << fd % 64);
			count += ready;
		}
	}
	return count;
}

static long select_sets(struct fd_sets *s, unsigned nfds, uint64_t deadline)
{
	struct poll_item small[POLL_FEW], *items;
	size_t n = make_items(s, nfds, NULL);
	long ret;

	items = poll_items_alloc(small, n);
	if (!items)
		return -ENOMEM;
	ret = make_items(s, nfds, items);
	if (ret >= 0)
		ret = poll_items_wait(items, n, deadline);
	if (ret >= 0)
		ret = take_results(s, items, n);
	poll_items_free(items, small, n);
	return ret;
}

struct select_args {
	int nfds;
	void __user *sets[3];
	void __user *timeout;
	enum timeout_layout layout;
	bool compat;
};

static long select_until(const struct select_args *a, uint64_t deadline)
{
	unsigned word = a->compat ? 32 : 64, nfds = MIN((unsigned)a->nfds, (unsigned)FILES_MAX);
	struct fd_sets s = {
		.user = { a->sets[0], a->sets[1], a->sets[2] },
		.bytes = ALIGN_UP(nfds, word) / 8,
	};
	long ret;

	if (a->nfds < 0)
		return -EINVAL;
	if (get_sets(&s, nfds))
		return -EFAULT;
	ret = select_sets(&s, nfds, deadline);
	if (ret >= 0 && put_sets(&s))
		return -EFAULT;
	return ret;
}

static long select_masked(const struct select_args *a, const void __user *mask, size_t mask_size)
{
	struct temporary_mask m;
	uint64_t deadline;
	long ret = timeout_get(a->timeout, a->layout, &deadline);

	if (!ret)
		ret = temporary_mask_begin(&m, mask, mask_size);
	if (ret)
		return ret;
	ret = select_until(a, deadline);
	temporary_mask_end(&m, ret);
	timeout_put(a->timeout, a->layout, deadline);
	return ret;
}

SYSCALL5(select, int, n, void __user *, in, void __user *, out, void __user *, ex,
	 void __user *, timeout)
{
	struct select_args a = { n, { in, out, ex }, timeout, TIMEOUT_TIMEVAL, false };

	return select_masked(&a, NULL, 0);
}

COMPAT_SYSCALL5(_newselect, int, n, void __user *, in, void __user *, out, void __user *, ex,
		void __user *, timeout)
{
	struct select_args a = { n, { in, out, ex }, timeout, TIMEOUT_TIMEVAL32, true };

	return select_masked(&a, NULL, 0);
}

/* The first select of i386 takes its arguments from memory. */
COMPAT_SYSCALL1(select, const void __user *, user)
{
	struct {
		int32_t n;
		compat_ptr sets[3], timeout;
	} args;
	struct select_args a;

	if (copy_from_user(&args, user, sizeof(args)))
		return -EFAULT;
	a = (struct select_args){
		args.n,
		{ compat_user(args.sets[0]), compat_user(args.sets[1]), compat_user(args.sets[2]) },
		compat_user(args.timeout), TIMEOUT_TIMEVAL32, true,
	};
	return select_masked(&a, NULL, 0);
}

/* The sixth argument points to a mask's address and size: there is no seventh register. */
SYSCALL6(pselect6, int, n, void __user *, in, void __user *, out, void __user *, ex,
	 void __user *, timeout, const void __user *, mask)
{
	struct select_args a = { n, { in, out, ex }, timeout, TIMEOUT_TIMESPEC, false };
	uint64_t arg[2] = { 0 };

	if (mask && copy_from_user(arg, mask, sizeof(arg)))
		return -EFAULT;
	return select_masked(&a, (const void __user *)arg[0], arg[1]);
}

static long compat_pselect(const struct select_args *a, const void __user *mask)
{
	uint32_t arg[2] = { 0 };

	if (mask && copy_from_user(arg, mask, sizeof(arg)))
		return -EFAULT;
	return select_masked(a, compat_user(arg[0]), arg[1]);
}

COMPAT_SYSCALL6(pselect6, int, n, void __user *, in, void __user *, out, void __user *, ex,
		void __user *, timeout, const void __user *, mask)
{
	struct select_args a = { n, { in, out, ex }, timeout, TIMEOUT_TIMESPEC32, true };

	return compat_pselect(&a, mask);
}

COMPAT_SYSCALL6(pselect6_time64, int, n, void __user *, in, void __user *, out,
		void __user *, ex, void __user *, timeout, const void __user *, mask)
{
	struct select_args a = { n, { in, out, ex }, timeout, TIMEOUT_TIMESPEC, true };

	return compat_pselect(&a, mask);
}

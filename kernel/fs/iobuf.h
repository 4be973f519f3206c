/* SPDX-License-Identifier: MIT */
/*
 * The program's end of a read or write: a user buffer, or, for the kernel's own copies
 * (sendfile, gathered writev, exec, initramfs), kernel memory. The other end is always kernel
 * memory.
 */
#pragma once

#include "kernel/lib/string.h"
#include "kernel/mm/usercopy.h"

struct iobuf {
	char __user *user;
	char *kernel;		/* not NULL: user does not count */
};

static inline struct iobuf iobuf_user(const char __user *p)
{
	return (struct iobuf){ .user = (char __user *)p };
}

static inline struct iobuf iobuf_kernel(const void *p)
{
	return (struct iobuf){ .kernel = (char *)p };
}

/* All three return the number of bytes at the end that could NOT be copied: a bad user page. */
static inline size_t iobuf_fetch(void *to, struct iobuf from, size_t offset, size_t n)
{
	if (!from.kernel)
		return copy_from_user_partial(to, from.user + offset, n);
	memcpy(to, from.kernel + offset, n);
	return 0;
}

static inline size_t iobuf_store(struct iobuf to, size_t offset, const void *from, size_t n)
{
	if (!to.kernel)
		return copy_to_user_partial(to.user + offset, from, n);
	memcpy(to.kernel + offset, from, n);
	return 0;
}

static inline size_t iobuf_clear(struct iobuf to, size_t offset, size_t n)
{
	if (!to.kernel)
		return clear_user_partial(to.user + offset, n);
	memset(to.kernel + offset, 0, n);
	return 0;
}

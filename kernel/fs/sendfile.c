/* SPDX-License-Identifier: MIT */
/* sendfile: from a file to any other, page by page through the kernel's memory. */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include "kernel/fs/fd.h"
#include "kernel/fs/file_io.h"
#include "kernel/fs/mode.h"
#include "kernel/mm/heap.h"
#include "kernel/process/syscall.h"

/*
 * One page's worth: at *pos, or (NULL) at in's own position, which gets back what out did
 * not take.
 */
static long send_page(struct file *out, struct file *in, char *page, size_t n, uint64_t *pos)
{
	long got, put;

	n = MIN(n, (size_t)PAGE_SIZE);
	if (pos)
		got = file_read_at(in, iobuf_kernel(page), n, pos);
	else
		got = file_read(in, iobuf_kernel(page), n);
	if (got <= 0)
		return got;
	put = file_write(out, iobuf_kernel(page), got);
	if (put == got)
		return put;
	if (pos)
		*pos -= got - MAX(put, 0l);
	else
		file_seek(in, -(got - MAX(put, 0l)), SEEK_CUR);
	return put;
}

static long send(struct file *out, struct file *in, uint64_t *pos, size_t n)
{
	size_t done = 0, part;
	char *page;
	long ret = 0;

	if (!S_ISREG(in->inode->mode) || out->flags & O_APPEND)
		return -EINVAL;
	page = kmalloc(PAGE_SIZE);
	if (!page)
		return -ENOMEM;
	n = MIN(n, RW_MAX);
	while (done < n) {
		part = MIN(n - done, (size_t)PAGE_SIZE);
		ret = send_page(out, in, page, part, pos);
		if (ret <= 0)
			break;
		done += ret;
		if ((size_t)ret < part || cond_resched())
			break;
	}
	kfree(page);
	return done ? (long)done : ret;
}

static long fd_sendfile(int out_fd, int in_fd, uint64_t *pos, size_t n)
{
	struct file *in = fd_get_readable(in_fd);
	struct file *out = in ? fd_get_writable(out_fd) : NULL;
	long ret = out ? send(out, in, pos, n) : -EBADF;

	if (out)
		file_put(out);
	if (in)
		file_put(in);
	return ret;
}

SYSCALL4(sendfile, int, out, int, in, uint64_t __user *, offset, size_t, n)
{
	uint64_t pos;
	long ret;

	if (offset && get_user_u64(&pos, offset))
		return -EFAULT;
	if (offset && (int64_t)pos < 0)
		return -EINVAL;
	ret = fd_sendfile(out, in, offset ? &pos : NULL, n);
	if (offset && ret >= 0 && put_user_u64(offset, pos))
		return -EFAULT;
	return ret;
}

COMPAT_SYSCALL4(sendfile, int, out, int, in, uint32_t __user *, offset, uint32_t, n)
{
	uint32_t low;
	uint64_t pos;
	long ret;

	if (offset && get_user_u32(&low, offset))
		return -EFAULT;
	if (offset && (int32_t)low < 0)
		return -EINVAL;
	pos = offset ? low : 0;
	ret = fd_sendfile(out, in, offset ? &pos : NULL, n);
	if (offset && ret >= 0 && put_user_u32(offset, pos))
		return -EFAULT;
	return ret;
}

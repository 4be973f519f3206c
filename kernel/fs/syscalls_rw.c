/* SPDX-License-Identifier: MIT */
/* System calls that move bytes at a file's position: read, write and their vectors. */
#include <asm/errno.h>
#include "kernel/fs/fd.h"
#include "kernel/fs/file_io.h"
#include "kernel/process/syscall.h"

SYSCALL3(read, int, fd, char __user *, buf, size_t, n)
{
	struct file *file = fd_get_readable(fd);
	long ret;

	if (!file)
		return -EBADF;
	ret = file_read(file, iobuf_user(buf), n);
	file_put(file);
	return ret;
}

SYSCALL3(write, int, fd, const char __user *, buf, size_t, n)
{
	struct file *file = fd_get_writable(fd);
	long ret;

	if (!file)
		return -EBADF;
	ret = file_write(file, iobuf_user(buf), n);
	file_put(file);
	return ret;
}

static long fd_readv(int fd, const void __user *vec, size_t n, bool compat)
{
	struct file *file = fd_get_readable(fd);
	uint64_t scratch;
	long ret;

	if (!file)
		return -EBADF;
	ret = file_readv(file, vec, n, compat, file_pos_begin(file, &scratch));
	file_pos_end(file);
	file_put(file);
	return ret;
}

static long fd_writev(int fd, const void __user *vec, size_t n, bool compat)
{
	struct file *file = fd_get_writable(fd);
	uint64_t scratch;
	long ret;

	if (!file)
		return -EBADF;
	ret = file_writev(file, vec, n, compat, file_pos_begin(file, &scratch));
	file_pos_end(file);
	file_put(file);
	return ret;
}

SYSCALL3(readv, int, fd, const void __user *, vec, size_t, n)
{
	return fd_readv(fd, vec, n, false);
}

SYSCALL3(writev, int, fd, const void __user *, vec, size_t, n)
{
	return fd_writev(fd, vec, n, false);
}

COMPAT_SYSCALL3(readv, int, fd, const void __user *, vec, uint32_t, n)
{
	return fd_readv(fd, vec, n, true);
}

COMPAT_SYSCALL3(writev, int, fd, const void __user *, vec, uint32_t, n)
{
	return fd_writev(fd, vec, n, true);
}

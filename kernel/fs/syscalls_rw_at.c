/* SPDX-License-Identifier: MIT */
/*
 * System calls about positions: pread, pwrite and their vectors, lseek.
 * i386 passes 64-bit positions in two registers, low half first.
 */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include "kernel/fs/fd.h"
#include "kernel/fs/file_io.h"
#include "kernel/process/syscall.h"

static int64_t join(uint32_t low, uint32_t high)
{
	return (int64_t)((uint64_t)high << 32 | low);
}

/* The file for a call at pos, with a reference. */
static long get_for_pos(struct file *file, int64_t pos, struct file **out)
{
	if (pos < 0) {
		if (file)
			file_put(file);
		return -EINVAL;
	}
	if (!file)
		return -EBADF;
	if (!file_is_seekable(file)) {
		file_put(file);
		return -ESPIPE;
	}
	*out = file;
	return 0;
}

static long fd_pread(int fd, char __user *buf, size_t n, int64_t offset)
{
	struct file *file;
	uint64_t pos = offset;
	long ret = get_for_pos(fd_get_readable(fd), offset, &file);

	if (ret)
		return ret;
	ret = file_read_at(file, iobuf_user(buf), n, &pos);
	file_put(file);
	return ret;
}

static long fd_pwrite(int fd, const char __user *buf, size_t n, int64_t offset)
{
	struct file *file;
	uint64_t pos = offset;
	long ret = get_for_pos(fd_get_writable(fd), offset, &file);

	if (ret)
		return ret;
	ret = file_write_at(file, iobuf_user(buf), n, &pos);
	file_put(file);
	return ret;
}

static long fd_preadv(int fd, const void __user *vec, size_t n, int64_t offset, bool compat)
{
	struct file *file;
	uint64_t pos = offset;
	long ret = get_for_pos(fd_get_readable(fd), offset, &file);

	if (ret)
		return ret;
	ret = file_readv(file, vec, n, compat, &pos);
	file_put(file);
	return ret;
}

static long fd_pwritev(int fd, const void __user *vec, size_t n, int64_t offset, bool compat)
{
	struct file *file;
	uint64_t pos = offset;
	long ret = get_for_pos(fd_get_writable(fd), offset, &file);

	if (ret)
		return ret;
	ret = file_writev(file, vec, n, compat, &pos);
	file_put(file);
	return ret;
}

SYSCALL4(pread64, int, fd, char __user *, buf, size_t, n, int64_t, pos)
{
	return fd_pread(fd, buf, n, pos);
}

SYSCALL4(pwrite64, int, fd, const char __user *, buf, size_t, n, int64_t, pos)
{
	return fd_pwrite(fd, buf, n, pos);
}

COMPAT_SYSCALL5(pread64, int, fd, char __user *, buf, uint32_t, n, uint32_t, low, uint32_t, high)
{
	return fd_pread(fd, buf, n, join(low, high));
}

COMPAT_SYSCALL5(pwrite64, int, fd, const char __user *, buf, uint32_t, n, uint32_t, low,
		uint32_t, high)
{
	return fd_pwrite(fd, buf, n, join(low, high));
}

SYSCALL4(preadv, int, fd, const void __user *, vec, size_t, n, int64_t, pos)
{
	return fd_preadv(fd, vec, n, pos, false);
}

SYSCALL4(pwritev, int, fd, const void __user *, vec, size_t, n, int64_t, pos)
{
	return fd_pwritev(fd, vec, n, pos, false);
}

COMPAT_SYSCALL5(preadv, int, fd, const void __user *, vec, uint32_t, n, uint32_t, low,
		uint32_t, high)
{
	return fd_preadv(fd, vec, n, join(low, high), true);
}

COMPAT_SYSCALL5(pwritev, int, fd, const void __user *, vec, uint32_t, n, uint32_t, low,
		uint32_t, high)
{
	return fd_pwritev(fd, vec, n, join(low, high), true);
}

static long fd_lseek(int fd, int64_t offset, unsigned whence)
{
	struct file *file = fd_get(fd);
	long ret;

	if (!file)
		return -EBADF;
	ret = file->flags & O_PATH ? -EBADF : file_seek(file, offset, whence);
	file_put(file);
	return ret;
}

SYSCALL3(lseek, int, fd, int64_t, offset, unsigned, whence)
{
	return fd_lseek(fd, offset, whence);
}

COMPAT_SYSCALL3(lseek, int, fd, int32_t, offset, unsigned, whence)
{
	long ret = fd_lseek(fd, offset, whence);

	return ret > INT32_MAX ? -EOVERFLOW : ret;
}

COMPAT_SYSCALL5(_llseek, int, fd, uint32_t, high, uint32_t, low, void __user *, result,
		unsigned, whence)
{
	long ret = fd_lseek(fd, join(low, high), whence);

	return ret < 0 ? ret : put_user_u64(result, ret);
}

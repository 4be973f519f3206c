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

/* fd_get_readable or fd_get_writable, and what to do with the file. */
typedef struct file *get_fn(int fd);
typedef long move_fn(struct file *file, struct iobuf buf, size_t n, uint64_t *pos);
typedef long move_vec_fn(struct file *file, const void __user *vec, size_t n, bool compat,
			 uint64_t *pos);

static long get_for_pos(int fd, get_fn *get, int64_t pos, struct file **out)
{
	if (pos < 0)
		return -EINVAL;
	*out = get(fd);
	if (!*out)
		return -EBADF;
	if ((*out)->seekable)
		return 0;
	file_put(*out);
	return -ESPIPE;
}

static long move_at(int fd, const char __user *buf, size_t n, int64_t offset, get_fn *get,
		    move_fn *move)
{
	struct file *file;
	uint64_t pos = offset;
	long ret = get_for_pos(fd, get, offset, &file);

	if (ret)
		return ret;
	ret = move(file, iobuf_user(buf), n, &pos);
	file_put(file);
	return ret;
}

static long move_vec_at(int fd, const void __user *vec, size_t n, int64_t offset, bool compat,
			get_fn *get, move_vec_fn *move)
{
	struct file *file;
	uint64_t pos = offset;
	long ret = get_for_pos(fd, get, offset, &file);

	if (ret)
		return ret;
	ret = move(file, vec, n, compat, &pos);
	file_put(file);
	return ret;
}

SYSCALL4(pread64, int, fd, char __user *, buf, size_t, n, int64_t, pos)
{
	return move_at(fd, buf, n, pos, fd_get_readable, file_read_at);
}

SYSCALL4(pwrite64, int, fd, const char __user *, buf, size_t, n, int64_t, pos)
{
	return move_at(fd, buf, n, pos, fd_get_writable, file_write_at);
}

COMPAT_SYSCALL5(pread64, int, fd, char __user *, buf, uint32_t, n, uint32_t, low, uint32_t, high)
{
	return move_at(fd, buf, n, join(low, high), fd_get_readable, file_read_at);
}

COMPAT_SYSCALL5(pwrite64, int, fd, const char __user *, buf, uint32_t, n, uint32_t, low,
		uint32_t, high)
{
	return move_at(fd, buf, n, join(low, high), fd_get_writable, file_write_at);
}

SYSCALL4(preadv, int, fd, const void __user *, vec, size_t, n, int64_t, pos)
{
	return move_vec_at(fd, vec, n, pos, false, fd_get_readable,
			   file_readv);
}

SYSCALL4(pwritev, int, fd, const void __user *, vec, size_t, n, int64_t, pos)
{
	return move_vec_at(fd, vec, n, pos, false, fd_get_writable,
			   file_writev);
}

COMPAT_SYSCALL5(preadv, int, fd, const void __user *, vec, uint32_t, n, uint32_t, low,
		uint32_t, high)
{
	return move_vec_at(fd, vec, n, join(low, high), true, fd_get_readable,
			   file_readv);
}

COMPAT_SYSCALL5(pwritev, int, fd, const void __user *, vec, uint32_t, n, uint32_t, low,
		uint32_t, high)
{
	return move_vec_at(fd, vec, n, join(low, high), true, fd_get_writable,
			   file_writev);
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

/* SPDX-License-Identifier: MIT */
/* statfs and fstatfs: the one file system in memory, and what looks like others. */
#include <asm/errno.h>
#include <asm/statfs.h>
#include <linux/fcntl.h>
#include <linux/magic.h>
#include "kernel/fs/at.h"
#include "kernel/fs/fd.h"
#include "kernel/process/compat.h"
#include "kernel/process/syscall.h"

#ifndef PIPEFS_MAGIC
#define PIPEFS_MAGIC 0x50495045	/* statfs(2); the UAPI headers have it only since Linux 6.x */
#endif

typedef long put_fn(const struct statfs *st, void __user *user);

static struct statfs describe(const struct inode *inode)
{
	static const long magic[] = {
		[FS_TREE] = TMPFS_MAGIC, [FS_PIPE] = PIPEFS_MAGIC, [FS_PROC] = PROC_SUPER_MAGIC,
	};
	struct frame_stats frames = frame_stats();
	struct statfs st = {
		.f_type = magic[inode->dev], .f_bsize = PAGE_SIZE, .f_frsize = PAGE_SIZE,
		.f_namelen = NAME_LEN_MAX,
	};

	if (inode->dev == FS_TREE) {
		st.f_blocks = frames.total;
		st.f_bfree = st.f_bavail = frames.free;
	}
	return st;
}

static long put_native(const struct statfs *st, void __user *user)
{
	return copy_to_user(user, st, sizeof(*st));
}

static long put_compat(const struct statfs *st, void __user *user)
{
	struct compat_statfs c = {
		.type = st->f_type, .bsize = st->f_bsize, .blocks = st->f_blocks,
		.bfree = st->f_bfree, .bavail = st->f_bavail, .namelen = st->f_namelen,
		.frsize = st->f_frsize,
	};

	return copy_to_user(user, &c, sizeof(c));
}

static long put_compat64(const struct statfs *st, void __user *user)
{
	struct compat_statfs64 c = {
		.f_type = st->f_type, .f_bsize = st->f_bsize, .f_blocks = st->f_blocks,
		.f_bfree = st->f_bfree, .f_bavail = st->f_bavail, .f_namelen = st->f_namelen,
		.f_frsize = st->f_frsize,
	};

	return copy_to_user(user, &c, sizeof(c));
}

static long statfs_path(const char __user *path, void __user *user, put_fn *put)
{
	struct inode *inode;
	struct statfs st;
	long err = inode_at(AT_FDCWD, path, 0, &inode);

	if (err)
		return err;
	st = describe(inode);
	inode_put(inode);
	return put(&st, user);
}

static long statfs_fd(int fd, void __user *user, put_fn *put)
{
	struct file *file = fd_get(fd);
	struct statfs st;

	if (!file)
		return -EBADF;
	st = describe(file->inode);
	file_put(file);
	return put(&st, user);
}

SYSCALL2(statfs, const char __user *, path, void __user *, user)
{
	return statfs_path(path, user, put_native);
}

SYSCALL2(fstatfs, int, fd, void __user *, user)
{
	return statfs_fd(fd, user, put_native);
}

COMPAT_SYSCALL2(statfs, const char __user *, path, void __user *, user)
{
	return statfs_path(path, user, put_compat);
}

COMPAT_SYSCALL2(fstatfs, int, fd, void __user *, user)
{
	return statfs_fd(fd, user, put_compat);
}

/* The size is an argument so that a program of another time would notice. */
COMPAT_SYSCALL3(statfs64, const char __user *, path, uint32_t, size, void __user *, user)
{
	if (size != sizeof(struct compat_statfs64))
		return -EINVAL;
	return statfs_path(path, user, put_compat64);
}

COMPAT_SYSCALL3(fstatfs64, int, fd, uint32_t, size, void __user *, user)
{
	if (size != sizeof(struct compat_statfs64))
		return -EINVAL;
	return statfs_fd(fd, user, put_compat64);
}

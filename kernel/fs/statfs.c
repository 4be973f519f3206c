/* SPDX-License-Identifier: MIT */
/* statfs and fstatfs: the one file system in memory, and what looks like others. */
#include <asm/errno.h>
#include <asm/statfs.h>
#include <linux/fcntl.h>
#include <linux/magic.h>
#include "kernel/fs/at.h"
#include "kernel/fs/stat.h"
#include "kernel/process/compat.h"
#include "kernel/process/syscall.h"

#ifndef PIPEFS_MAGIC
#define PIPEFS_MAGIC 0x50495045	/* statfs(2); the UAPI headers have it only since Linux 6.x */
#endif

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

static long put_native(struct inode *inode, void __user *user)
{
	struct statfs st = describe(inode);

	return copy_to_user(user, &st, sizeof(st));
}

static long put_compat(struct inode *inode, void __user *user)
{
	struct statfs st = describe(inode);
	struct compat_statfs c = {
		.type = st.f_type, .bsize = st.f_bsize, .blocks = st.f_blocks,
		.bfree = st.f_bfree, .bavail = st.f_bavail, .namelen = st.f_namelen,
		.frsize = st.f_frsize,
	};

	return copy_to_user(user, &c, sizeof(c));
}

static long put_compat64(struct inode *inode, void __user *user)
{
	struct statfs st = describe(inode);
	struct compat_statfs64 c = {
		.f_type = st.f_type, .f_bsize = st.f_bsize, .f_blocks = st.f_blocks,
		.f_bfree = st.f_bfree, .f_bavail = st.f_bavail, .f_namelen = st.f_namelen,
		.f_frsize = st.f_frsize,
	};

	return copy_to_user(user, &c, sizeof(c));
}

SYSCALL2(statfs, const char __user *, path, void __user *, user)
{
	return stat_at(AT_FDCWD, path, user, 0, put_native);
}

SYSCALL2(fstatfs, int, fd, void __user *, user)
{
	return stat_fd(fd, user, put_native);
}

COMPAT_SYSCALL2(statfs, const char __user *, path, void __user *, user)
{
	return stat_at(AT_FDCWD, path, user, 0, put_compat);
}

COMPAT_SYSCALL2(fstatfs, int, fd, void __user *, user)
{
	return stat_fd(fd, user, put_compat);
}

/* The size is an argument so that a program of another time would notice. */
COMPAT_SYSCALL3(statfs64, const char __user *, path, uint32_t, size, void __user *, user)
{
	if (size != sizeof(struct compat_statfs64))
		return -EINVAL;
	return stat_at(AT_FDCWD, path, user, 0, put_compat64);
}

COMPAT_SYSCALL3(fstatfs64, int, fd, uint32_t, size, void __user *, user)
{
	if (size != sizeof(struct compat_statfs64))
		return -EINVAL;
	return stat_fd(fd, user, put_compat64);
}

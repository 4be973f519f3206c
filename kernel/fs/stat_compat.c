/* SPDX-License-Identifier: MIT */
/* The stat family of the i386 table: stat (with 32-bit fields) and stat64. */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include "kernel/fs/stat.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/compat.h"
#include "kernel/process/syscall.h"

static long put_stat(struct inode *inode, void __user *user)
{
	struct attributes a = inode_attributes(inode);
	struct compat_stat st = {
		.dev = a.dev, .ino = a.ino, .mode = a.mode, .nlink = a.nlink,
		.uid = a.uid, .gid = a.gid, .rdev = a.rdev, .size = a.size,
		.blksize = PAGE_SIZE, .blocks = a.blocks,
		.atime = a.atime / NS_PER_SEC, .atime_nsec = a.atime % NS_PER_SEC,
		.mtime = a.mtime / NS_PER_SEC, .mtime_nsec = a.mtime % NS_PER_SEC,
		.ctime = a.ctime / NS_PER_SEC, .ctime_nsec = a.ctime % NS_PER_SEC,
	};

	if (a.ino > UINT32_MAX || a.size > INT32_MAX || a.nlink > UINT16_MAX)
		return -EOVERFLOW;
	return copy_to_user(user, &st, sizeof(st));
}

static long put_stat64(struct inode *inode, void __user *user)
{
	struct attributes a = inode_attributes(inode);
	struct compat_stat64 st = {
		.dev = a.dev, .ino32 = a.ino, .mode = a.mode, .nlink = a.nlink,
		.uid = a.uid, .gid = a.gid, .rdev = a.rdev, .size = a.size,
		.blksize = PAGE_SIZE, .blocks = a.blocks, .ino = a.ino,
		.atime = a.atime / NS_PER_SEC, .atime_nsec = a.atime % NS_PER_SEC,
		.mtime = a.mtime / NS_PER_SEC, .mtime_nsec = a.mtime % NS_PER_SEC,
		.ctime = a.ctime / NS_PER_SEC, .ctime_nsec = a.ctime % NS_PER_SEC,
	};

	return copy_to_user(user, &st, sizeof(st));
}

COMPAT_SYSCALL2(stat, const char __user *, path, void __user *, user)
{
	return stat_at(AT_FDCWD, path, user, 0, put_stat);
}

COMPAT_SYSCALL2(lstat, const char __user *, path, void __user *, user)
{
	return stat_at(AT_FDCWD, path, user, AT_SYMLINK_NOFOLLOW, put_stat);
}

COMPAT_SYSCALL2(fstat, int, fd, void __user *, user)
{
	return stat_fd(fd, user, put_stat);
}

COMPAT_SYSCALL2(stat64, const char __user *, path, void __user *, user)
{
	return stat_at(AT_FDCWD, path, user, 0, put_stat64);
}

COMPAT_SYSCALL2(lstat64, const char __user *, path, void __user *, user)
{
	return stat_at(AT_FDCWD, path, user, AT_SYMLINK_NOFOLLOW, put_stat64);
}

COMPAT_SYSCALL2(fstat64, int, fd, void __user *, user)
{
	return stat_fd(fd, user, put_stat64);
}

COMPAT_SYSCALL4(fstatat64, int, dirfd, const char __user *, path, void __user *, user,
		unsigned, flags)
{
	return stat_at(dirfd, path, user, flags, put_stat64);
}

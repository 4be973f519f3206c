/* SPDX-License-Identifier: MIT */
/* The stat family of the 64-bit table, and statx. */
#include <asm/errno.h>
#include <asm/stat.h>
#include <linux/fcntl.h>
#include "kernel/fs/at.h"
#include "kernel/fs/devices.h"
#include "kernel/fs/fd.h"
#include "kernel/fs/mode.h"
#include "kernel/fs/page_tree.h"
#include "kernel/fs/stat.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/syscall.h"

struct attributes inode_attributes(struct inode *inode)
{
	struct attributes a = {
		.ino = inode->ino, .size = inode->size, .dev = DEVICE(0, inode->dev),
		.mode = inode->mode, .nlink = inode->nlink, .uid = inode->uid,
		.gid = inode->gid, .rdev = inode->rdev, .atime = inode->atime,
		.mtime = inode->mtime, .ctime = inode->ctime,
	};

	spin_lock(&inode->lock);
	a.blocks = page_tree_count(inode->pages) * (PAGE_SIZE / 512);
	spin_unlock(&inode->lock);
	return a;
}

static long put_stat(struct inode *inode, void __user *user)
{
	struct attributes a = inode_attributes(inode);
	struct stat st = {
		.st_dev = a.dev, .st_ino = a.ino, .st_nlink = a.nlink, .st_mode = a.mode,
		.st_uid = a.uid, .st_gid = a.gid, .st_rdev = a.rdev, .st_size = a.size,
		.st_blksize = PAGE_SIZE, .st_blocks = a.blocks,
		.st_atime = a.atime / NS_PER_SEC, .st_atime_nsec = a.atime % NS_PER_SEC,
		.st_mtime = a.mtime / NS_PER_SEC, .st_mtime_nsec = a.mtime % NS_PER_SEC,
		.st_ctime = a.ctime / NS_PER_SEC, .st_ctime_nsec = a.ctime % NS_PER_SEC,
	};

	return copy_to_user(user, &st, sizeof(st));
}

long stat_at(int dirfd, const char __user *path, void __user *user, unsigned flags,
	     put_stat_fn *put)
{
	struct inode *inode;
	long err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT))
		return -EINVAL;
	err = inode_at(dirfd, path, flags, &inode);
	if (err)
		return err;
	err = put(inode, user);
	inode_put(inode);
	return err;
}

long stat_fd(int fd, void __user *user, put_stat_fn *put)
{
	struct file *file = fd_get(fd);
	long err;

	if (!file)
		return -EBADF;
	err = put(file->inode, user);
	file_put(file);
	return err;
}

SYSCALL2(stat, const char __user *, path, void __user *, user)
{
	return stat_at(AT_FDCWD, path, user, 0, put_stat);
}

SYSCALL2(lstat, const char __user *, path, void __user *, user)
{
	return stat_at(AT_FDCWD, path, user, AT_SYMLINK_NOFOLLOW, put_stat);
}

SYSCALL4(newfstatat, int, dirfd, const char __user *, path, void __user *, user, unsigned, flags)
{
	return stat_at(dirfd, path, user, flags, put_stat);
}

SYSCALL2(fstat, int, fd, void __user *, user)
{
	return stat_fd(fd, user, put_stat);
}

static struct statx_timestamp statx_time(uint64_t ns)
{
	return (struct statx_timestamp){ .tv_sec = ns / NS_PER_SEC, .tv_nsec = ns % NS_PER_SEC };
}

static long put_statx(struct inode *inode, void __user *user)
{
	struct attributes a = inode_attributes(inode);
	struct statx st = {
		.stx_mask = STATX_BASIC_STATS, .stx_blksize = PAGE_SIZE, .stx_nlink = a.nlink,
		.stx_uid = a.uid, .stx_gid = a.gid, .stx_mode = a.mode, .stx_ino = a.ino,
		.stx_size = a.size, .stx_blocks = a.blocks,
		.stx_atime = statx_time(a.atime), .stx_mtime = statx_time(a.mtime),
		.stx_ctime = statx_time(a.ctime),
		.stx_rdev_major = a.rdev >> 8 & 0xfff,
		.stx_rdev_minor = (a.rdev & 0xff) | (a.rdev >> 12 & ~0xffu),
		.stx_dev_minor = inode->dev,
	};

	return copy_to_user(user, &st, sizeof(st));
}

SYSCALL5(statx, int, dirfd, const char __user *, path, unsigned, flags, unsigned, mask,
	 void __user *, user)
{
	if (mask & STATX__RESERVED || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	return stat_at(dirfd, path, user, flags & ~AT_STATX_SYNC_TYPE, put_statx);
}

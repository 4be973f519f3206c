/* SPDX-License-Identifier: MIT */
/* What the stat family tells about an inode, before it is laid out for one of them. */
#pragma once

#include <linux/time_types.h>
#include "kernel/fs/inode.h"
#include "kernel/process/timespec.h"

struct attributes {
	uint64_t ino, size, blocks;	/* blocks of 512 bytes */
	uint32_t dev, mode, nlink, uid, gid, rdev;
	uint64_t atime, mtime, ctime;	/* ns */
};

struct attributes inode_attributes(struct inode *inode);

/* Lays out what one of the calls tells; 0 or -errno. */
typedef long put_stat_fn(struct inode *inode, void __user *user);
/* What all of them and statfs do: find the inode by path (flags: AT_*) or descriptor, then put. */
long stat_at(int dirfd, const char __user *path, void __user *user, unsigned flags,
	     put_stat_fn *put);
long stat_fd(int fd, void __user *user, put_stat_fn *put);


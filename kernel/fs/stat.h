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


/* SPDX-License-Identifier: MIT */
/* Operations that the tree gives to the inodes it makes. */
#pragma once

#include "kernel/fs/inode.h"

extern const struct file_ops regular_ops;
extern const struct file_ops directory_ops;

/* False for /proc's files, which are regular only by their mode. */
static inline bool inode_is_plain(const struct inode *inode)
{
	return inode->ops == &regular_ops;
}

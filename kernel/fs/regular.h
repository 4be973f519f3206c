/* SPDX-License-Identifier: MIT */
/* Operations that the tree gives to the inodes it makes. */
#pragma once

#include "kernel/fs/inode.h"

extern const struct file_ops regular_ops;
extern const struct file_ops directory_ops;

/* SPDX-License-Identifier: MIT */
/* Pipes. */
#pragma once

#include "kernel/fs/file.h"

/* Both ends; flags: O_NONBLOCK.  -ENOMEM */
int pipe_create(unsigned flags, struct file *ends[2]);
/* The inode's last reference is going. */
void pipe_destroy(struct inode *inode);

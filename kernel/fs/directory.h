/* SPDX-License-Identifier: MIT */
#pragma once

#include "kernel/fs/dentry.h"

enum dirent_layout { DIRENT_64, DIRENT_NATIVE, DIRENT_COMPAT };

struct file;
/*
 * getdents: bytes filled in, 0 at the end. -ENOTDIR, -EINVAL (buffer too small), -EFAULT,
 * -ENOENT.
 */
long directory_list(struct file *file, char __user *buf, size_t size, enum dirent_layout layout);

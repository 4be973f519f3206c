/* SPDX-License-Identifier: MIT */
#pragma once

#include "kernel/fs/file.h"

/* fs_open relative to a descriptor. */
int open_at(int dirfd, const char *path, unsigned flags, unsigned mode, struct file **out);

/* SPDX-License-Identifier: MIT */
/* Contents of regular files, for the rest of kernel/fs; inode.h has what others use. */
#pragma once

#include "kernel/fs/inode.h"

#define FILE_SIZE_MAX INT64_MAX

/* The frame of that page with a reference; 0: hole. */
phys_t inode_find_page(struct inode *inode, uint64_t index);
/*
 * Puts *frame there and leaves the caller a reference of its own to it.  If another was
 * faster, *frame is dropped and becomes that one.  grow: also behind the end of the file, for who
 * then moves it, with write_lock held.  -ENOMEM, -ENXIO: *frame is still the caller's only.
 */
int inode_add_page(struct inode *inode, uint64_t index, phys_t *frame, bool grow);
/* Bytes done, or -EFAULT. */
long contents_read(struct inode *inode, struct iobuf buf, size_t n, uint64_t pos);
/* With write_lock held.  Bytes done, -EFAULT, -EFBIG or -ENOMEM. */
long contents_write(struct inode *inode, struct iobuf buf, size_t n, uint64_t pos);

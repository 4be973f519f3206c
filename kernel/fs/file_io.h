/* SPDX-License-Identifier: MIT */
/* Reading and writing open files: positions, limits and vectors, for the calls that do it. */
#pragma once

#include "kernel/fs/file.h"

#define RW_MAX 0x7ffff000ul	/* most that one call moves, as on Linux */

/* At the file's own position.  Access rights are the caller's affair (fd_get_readable ...). */
long file_read(struct file *file, struct iobuf buf, size_t n);
long file_write(struct file *file, struct iobuf buf, size_t n);
/* At *pos.  -EINVAL: the file cannot do it. */
long file_read_at(struct file *file, struct iobuf buf, size_t n, uint64_t *pos);
long file_write_at(struct file *file, struct iobuf buf, size_t n, uint64_t *pos);
/* Its position for the duration of a call: where it counts, with pos_lock held. */
uint64_t *file_pos_begin(struct file *file, uint64_t *scratch);
void file_pos_end(struct file *file);
/* lseek(2) */
long file_seek(struct file *file, int64_t offset, unsigned whence);

/* readv and writev at *pos; vec is an array of struct iovec, or of struct compat_iovec. */
long file_readv(struct file *file, const void __user *vec, size_t n, bool compat, uint64_t *pos);
long file_writev(struct file *file, const void __user *vec, size_t n, bool compat, uint64_t *pos);

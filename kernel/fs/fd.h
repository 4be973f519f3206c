/* SPDX-License-Identifier: MIT */
/* Descriptors as the file calls use them; file.h has what others need. */
#pragma once

#include "kernel/fs/file.h"

#define FILES_MAX 1024		/* most that a table holds; RLIMIT_NOFILE may be less */

/* Descriptors of the current process are below this. */
unsigned fd_limit(void);
/* Lowest free descriptor >= min, not yet usable.  -EMFILE, -ENOMEM */
int fd_reserve(int min, bool cloexec);
/* Makes a reserved descriptor lead to file, taking over the reference; or gives it up again. */
void fd_publish(int fd, struct file *file);
void fd_release(int fd);
/*
 * dup2, dup3: puts file at fd, whatever was there (closed); takes over the reference.
 * -EBADF, -EBUSY, -ENOMEM.
 */
int fd_replace(int fd, struct file *file, bool cloexec);
int fd_close(int fd);
/* Takes the file out of the table, with the table's reference; NULL: there is none. */
struct file *fd_take(struct files *files, unsigned fd);
/* Every descriptor in first..last: closed, or only marked close-on-exec. */
void files_close_range(struct files *files, unsigned first, unsigned last, bool only_mark);
/* F_GETFD, F_SETFD.  The caller holds a reference to what is there. */
bool fd_get_cloexec(int fd);
void fd_set_cloexec(int fd, bool on);
/*
 * First used descriptor >= from of any process's table, its file with a reference; -1:
 * none. For /proc.
 */
int files_next(struct files *files, unsigned from, struct file **file);

/* With a reference, unless it is O_PATH; else NULL. */
struct file *fd_get_open(int fd);
/* With a reference, if it is open for reading / for writing; else NULL. */
struct file *fd_get_readable(int fd);
struct file *fd_get_writable(int fd);

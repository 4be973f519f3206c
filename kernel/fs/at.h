/* SPDX-License-Identifier: MIT */
/* Paths as system calls give them: relative to a descriptor or to the working directory. */
#pragma once

#include "kernel/fs/walk.h"

/* A copy of a program's path, for kfree.  -EFAULT, -ENAMETOOLONG, -ENOMEM */
int path_from_user(const char __user *user, char **out);
/* walk_path from dirfd (AT_FDCWD: from the working directory), with tree_lock held. Also -EBADF */
int walk_at(struct walk *w, int dirfd, const char *path, unsigned flags);
/* Takes tree_lock and walks.  Whatever comes back, at_end is due and releases both. */
int at_walk(struct walk *w, int dirfd, const char *path, unsigned flags);
void at_end(struct walk *w);
/*
 * The inode / name a path leads to, with a reference; at_flags: AT_SYMLINK_NOFOLLOW,
 * AT_EMPTY_PATH.
 */
int inode_at(int dirfd, const char __user *path, unsigned at_flags, struct inode **out);
int dentry_at(int dirfd, const char *path, unsigned walk_flags, struct dentry **out);

/*
 * The working directory of the current process, with a reference; the root where there is
 * no process.
 */
struct dentry *fs_cwd(void);
void fs_set_cwd(struct dentry *dir);
struct fs_context;
struct dentry *fs_context_cwd(struct fs_context *fs);
unsigned fs_umask(void);
unsigned fs_set_umask(unsigned mask);

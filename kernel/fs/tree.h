/* SPDX-License-Identifier: MIT */
/* Changes of the tree, all with tree_lock held, on names that a walk has found. */
#pragma once

#include "kernel/fs/walk.h"

/* Makes the name that the walk did not find lead to inode.  out (may be NULL): with a reference. */
int tree_add(struct walk *w, struct inode *inode, struct dentry **out);
/* A new directory, regular file (with S_IF* in mode) or other node there. */
int tree_make(struct walk *w, uint32_t mode, uint32_t rdev, struct dentry **out);
int tree_symlink(struct walk *w, const char *target);
int tree_unlink(struct walk *w);
int tree_rmdir(struct walk *w);
/* flags: RENAME_NOREPLACE */
int tree_rename(struct walk *from, struct walk *to, unsigned flags);

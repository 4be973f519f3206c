/* SPDX-License-Identifier: MIT */
/* From a path to the name it ends in. */
#pragma once

#include "kernel/fs/dentry.h"

#define WALK_FOLLOW  1u	/* a symbolic link at the end is followed */
#define WALK_MISSING 2u	/* the last name need not exist: found is NULL then */
#define WALK_NAME    4u	/* the last name itself is meant: a slash behind it follows no link */

enum last_kind { LAST_NAME, LAST_DOT, LAST_DOTDOT, LAST_ROOT };

struct walk {
	struct dentry *dir;	/* where the last name was looked up; with a reference */
	struct dentry *found;	/* with a reference, or NULL */
	const char *last;	/* not terminated; lives until walk_end */
	size_t last_len;
	enum last_kind kind;
	bool slash;		/* the path ends in '/' */
	char *text;		/* owned: what is left to walk after a symbolic link */
	char *rest;		/* inside the path or text */
	unsigned links;
};

/*
 * From start (not needed for an absolute path), with tree_lock held. 0, or -ENOENT, -ENOTDIR,
 * -ELOOP, -ENAMETOOLONG, -ENOMEM; walk_end is due in any case, and may come after tree_lock
 * is released.
 */
int walk_path(struct walk *w, struct dentry *start, const char *path, unsigned flags);
void walk_end(struct walk *w);
/* Text of a symbolic link, not terminated: length, or -errno. */
long link_text(struct inode *link, char *buf, size_t size);

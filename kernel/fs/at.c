/* SPDX-License-Identifier: MIT */
/* Paths as system calls give them. */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include "kernel/fs/at.h"
#include "kernel/fs/fd.h"
#include "kernel/mm/heap.h"

int path_from_user(const char __user *user, char **out)
{
	char *path = kmalloc(PATH_MAX);
	long n = path ? strncpy_from_user(path, user, PATH_MAX) : -ENOMEM;

	if (n == PATH_MAX)
		n = -ENAMETOOLONG;
	*out = path;
	if (n >= 0)
		return 0;
	kfree(path);
	*out = NULL;
	return n;
}

/* Where a relative path starts, with a reference. */
static int start_of(int dirfd, const char *path, struct dentry **out)
{
	struct file *file;
	int err = 0;

	*out = NULL;
	if (*path == '/')
		return 0;
	if (dirfd == AT_FDCWD) {
		*out = fs_cwd();
		return 0;
	}
	file = fd_get(dirfd);
	if (!file)
		return -EBADF;
	if (file->dentry) {
		*out = file->dentry;
		dentry_get(*out);
	} else {
		err = -ENOTDIR;
	}
	file_put(file);
	return err;
}

int walk_at(struct walk *w, int dirfd, const char *path, unsigned flags)
{
	struct dentry *start = NULL;
	int err = *path ? start_of(dirfd, path, &start) : -ENOENT;

	if (err) {
		/* walk_end wants something to put. */
		*w = (struct walk){ .dir = root_dentry };
		dentry_get(root_dentry);
		return err;
	}
	err = walk_path(w, start, path, flags);
	if (start)
		dentry_put(start);
	return err;
}

int at_walk(struct walk *w, int dirfd, const char *path, unsigned flags)
{
	mutex_lock(&tree_lock);
	return walk_at(w, dirfd, path, flags);
}

void at_end(struct walk *w)
{
	mutex_unlock(&tree_lock);
	walk_end(w);
}

int dentry_at(int dirfd, const char *path, unsigned walk_flags, struct dentry **out)
{
	struct walk w;
	int err = at_walk(&w, dirfd, path, walk_flags);

	if (!err) {
		*out = w.found;
		dentry_get(*out);
	}
	at_end(&w);
	return err;
}

/* AT_EMPTY_PATH with an empty path: the descriptor's own inode, or the working directory's. */
static int inode_of_fd(int dirfd, struct inode **out)
{
	struct dentry *cwd;
	struct file *file;

	if (dirfd == AT_FDCWD) {
		cwd = fs_cwd();
		*out = cwd->inode;
		inode_get(*out);
		dentry_put(cwd);
		return 0;
	}
	file = fd_get(dirfd);
	if (!file)
		return -EBADF;
	*out = file->inode;
	inode_get(*out);
	file_put(file);
	return 0;
}

int inode_at(int dirfd, const char __user *user, unsigned at_flags, struct inode **out)
{
	struct dentry *d;
	char *path;
	int err = path_from_user(user, &path);

	if (err)
		return err;
	if (!*path && at_flags & AT_EMPTY_PATH) {
		kfree(path);
		return inode_of_fd(dirfd, out);
	}
	err = dentry_at(dirfd, path, at_flags & AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW, &d);
	kfree(path);
	if (err)
		return err;
	*out = d->inode;
	inode_get(*out);
	dentry_put(d);
	return 0;
}

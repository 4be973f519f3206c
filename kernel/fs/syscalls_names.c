/* SPDX-License-Identifier: MIT */
/* System calls that change names: mkdir, unlink, rename, link, symlink. */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include "kernel/fs/at.h"
#include "kernel/fs/mode.h"
#include "kernel/fs/tree.h"
#include "kernel/mm/heap.h"
#include "kernel/process/syscall.h"

static long make_directory(int dirfd, const char __user *user, unsigned mode)
{
	struct walk w;
	char *path;
	long err = path_from_user(user, &path);

	if (err)
		return err;
	err = at_walk(&w, dirfd, path, WALK_NAME | WALK_MISSING);
	if (!err)
		err = tree_make(&w, S_IFDIR | (mode & 01777 & ~fs_umask()), 0, NULL);
	at_end(&w);
	kfree(path);
	return err;
}

SYSCALL2(mkdir, const char __user *, path, unsigned, mode)
{
	return make_directory(AT_FDCWD, path, mode);
}

SYSCALL3(mkdirat, int, dirfd, const char __user *, path, unsigned, mode)
{
	return make_directory(dirfd, path, mode);
}

static long remove_name(int dirfd, const char __user *user, int (*remove)(struct walk *w))
{
	struct walk w;
	char *path;
	long err = path_from_user(user, &path);

	if (err)
		return err;
	err = at_walk(&w, dirfd, path, WALK_NAME);
	if (!err)
		err = remove(&w);
	at_end(&w);
	kfree(path);
	return err;
}

SYSCALL1(unlink, const char __user *, path)
{
	return remove_name(AT_FDCWD, path, tree_unlink);
}

SYSCALL1(rmdir, const char __user *, path)
{
	return remove_name(AT_FDCWD, path, tree_rmdir);
}

SYSCALL3(unlinkat, int, dirfd, const char __user *, path, unsigned, flags)
{
	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	return remove_name(dirfd, path, flags & AT_REMOVEDIR ? tree_rmdir : tree_unlink);
}

/* Two names at a time: path is where the first leads, path_to the second. */
struct name_pair {
	struct walk from, to;
	char *path, *path_to;
};

/* Takes tree_lock; pair_end is due in any case. */
static int pair_walk(struct name_pair *n, int from_fd, const char __user *from, unsigned flags,
		     int to_fd, const char __user *to)
{
	int err, err_to;

	*n = (struct name_pair){ 0 };
	err = path_from_user(from, &n->path) ?: path_from_user(to, &n->path_to);
	mutex_lock(&tree_lock);
	if (err)
		return err;
	err = walk_at(&n->from, from_fd, n->path, flags);
	err_to = walk_at(&n->to, to_fd, n->path_to, WALK_NAME | WALK_MISSING);
	return err ?: err_to;
}

static void pair_end(struct name_pair *n)
{
	mutex_unlock(&tree_lock);
	if (n->from.dir)
		walk_end(&n->from);
	if (n->to.dir)
		walk_end(&n->to);
	kfree(n->path);
	kfree(n->path_to);
}

static long rename_at(int from_fd, const char __user *from, int to_fd, const char __user *to,
		      unsigned flags)
{
	struct name_pair n;
	long err;

	if (flags & ~RENAME_NOREPLACE)
		return -EINVAL;
	err = pair_walk(&n, from_fd, from, WALK_NAME, to_fd, to);
	if (!err)
		err = tree_rename(&n.from, &n.to, flags);
	pair_end(&n);
	return err;
}

SYSCALL2(rename, const char __user *, from, const char __user *, to)
{
	return rename_at(AT_FDCWD, from, AT_FDCWD, to, 0);
}

SYSCALL4(renameat, int, from_fd, const char __user *, from, int, to_fd, const char __user *, to)
{
	return rename_at(from_fd, from, to_fd, to, 0);
}

SYSCALL5(renameat2, int, from_fd, const char __user *, from, int, to_fd, const char __user *, to,
	 unsigned, flags)
{
	return rename_at(from_fd, from, to_fd, to, flags);
}

static int add_link(struct name_pair *n)
{
	struct inode *inode = n->from.found->inode;

	if (n->to.found)
		return -EEXIST;
	if (inode->dev != n->to.dir->inode->dev)
		return -EXDEV;
	if (S_ISDIR(inode->mode))
		return -EPERM;
	if (n->to.slash || !inode->nlink)
		return -ENOENT;
	return tree_add(&n->to, inode, NULL);
}

static long link_at(int from_fd, const char __user *from, int to_fd, const char __user *to,
		    unsigned flags)
{
	struct name_pair n;
	long err;

	if (flags & ~AT_SYMLINK_FOLLOW)
		return -EINVAL;
	err = pair_walk(&n, from_fd, from, flags & AT_SYMLINK_FOLLOW ? WALK_FOLLOW : 0, to_fd, to);
	if (!err)
		err = add_link(&n);
	pair_end(&n);
	return err;
}

SYSCALL2(link, const char __user *, from, const char __user *, to)
{
	return link_at(AT_FDCWD, from, AT_FDCWD, to, 0);
}

SYSCALL5(linkat, int, from_fd, const char __user *, from, int, to_fd, const char __user *, to,
	 unsigned, flags)
{
	return link_at(from_fd, from, to_fd, to, flags);
}

static long symlink_at(const char __user *target, int dirfd, const char __user *user)
{
	char *text, *path = NULL;
	struct walk w;
	long err = path_from_user(target, &text);

	if (err)
		return err;
	err = *text ? path_from_user(user, &path) : -ENOENT;
	if (!err) {
		err = at_walk(&w, dirfd, path, WALK_NAME | WALK_MISSING);
		if (!err)
			err = w.slash && !w.found ? -ENOENT : tree_symlink(&w, text);
		at_end(&w);
	}
	kfree(text);
	kfree(path);
	return err;
}

SYSCALL2(symlink, const char __user *, target, const char __user *, path)
{
	return symlink_at(target, AT_FDCWD, path);
}

SYSCALL3(symlinkat, const char __user *, target, int, dirfd, const char __user *, path)
{
	return symlink_at(target, dirfd, path);
}

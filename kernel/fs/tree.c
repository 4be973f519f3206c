/* SPDX-License-Identifier: MIT */
/* Changes of the tree: names come, go and move. */
#include <asm/errno.h>
#include <linux/fs.h>
#include "kernel/cpu/clock.h"
#include "kernel/debug/panic.h"
#include "kernel/fs/devices.h"
#include "kernel/fs/mode.h"
#include "kernel/fs/regular.h"
#include "kernel/fs/tree.h"
#include "kernel/mm/heap.h"

static void touch(struct inode *dir)
{
	dir->mtime = dir->ctime = clock_realtime_ns();
}

int tree_add(struct walk *w, struct inode *inode, struct dentry **out)
{
	struct dentry *d;

	ASSERT(mutex_held(&tree_lock), "FS-3");
	if (w->found)
		return -EEXIST;
	if (!w->dir->linked)
		return -ENOENT;
	if (w->dir->inode->dynamic)
		return -ENOENT;
	d = dentry_create(w->dir, w->last, w->last_len, inode);
	if (!d)
		return -ENOMEM;
	dentry_link(d);
	inode->nlink++;
	if (S_ISDIR(inode->mode)) {
		inode->nlink++;		/* its own "." */
		w->dir->inode->nlink++;	/* its ".." */
	}
	inode->ctime = clock_realtime_ns();
	touch(w->dir->inode);
	if (out)
		*out = d;
	else
		dentry_put(d);
	return 0;
}

int tree_make(struct walk *w, uint32_t mode, uint32_t rdev, struct dentry **out)
{
	struct inode *inode = inode_create(mode);
	int err;

	if (!inode)
		return -ENOMEM;
	inode->rdev = rdev;
	if (S_ISREG(mode))
		inode->ops = &regular_ops;
	else if (S_ISDIR(mode))
		inode->ops = &directory_ops;
	else if (S_ISCHR(mode))
		inode->ops = device_ops(rdev);
	err = tree_add(w, inode, out);
	inode_put(inode);
	return err;
}

int tree_symlink(struct walk *w, const char *target)
{
	struct inode *inode = inode_create(S_IFLNK | 0777);
	int err;

	if (!inode)
		return -ENOMEM;
	inode->size = strlen(target);
	inode->private = name_copy(target, inode->size);
	err = inode->private ? tree_add(w, inode, NULL) : -ENOMEM;
	inode_put(inode);
	return err;
}

/* One name less for an inode that is not a directory, or the last one for a directory. */
static void drop_name(struct dentry *d)
{
	struct inode *inode = d->inode, *dir = d->parent->inode;

	inode->nlink--;
	if (S_ISDIR(inode->mode)) {
		inode->nlink--;
		dir->nlink--;
	}
	inode->ctime = clock_realtime_ns();
	touch(dir);
	dentry_unlink(d);
}

int tree_unlink(struct walk *w)
{
	ASSERT(mutex_held(&tree_lock), "FS-3");
	if (w->kind != LAST_NAME || S_ISDIR(w->found->inode->mode))
		return -EISDIR;
	if (w->slash)
		return -ENOTDIR;
	if (w->dir->inode->dynamic)
		return -EPERM;
	drop_name(w->found);
	return 0;
}

int tree_rmdir(struct walk *w)
{
	static const int special[] = {
		[LAST_DOT] = -EINVAL, [LAST_DOTDOT] = -ENOTEMPTY, [LAST_ROOT] = -EBUSY,
	};

	ASSERT(mutex_held(&tree_lock), "FS-3");
	if (w->kind != LAST_NAME)
		return special[w->kind];
	if (!S_ISDIR(w->found->inode->mode))
		return -ENOTDIR;
	if (w->dir->inode->dynamic)
		return -EPERM;
	if (w->found->inode->dynamic)
		return -EBUSY;		/* /proc itself */
	if (!TAILQ_EMPTY(&w->found->order))
		return -ENOTEMPTY;
	drop_name(w->found);
	return 0;
}

static bool is_inside(const struct dentry *d, const struct dentry *dir)
{
	for (; d != dir; d = d->parent) {
		if (d->parent == d)
			return false;
	}
	return true;
}

static int check_replaced(const struct walk *from, const struct walk *to)
{
	bool from_dir = S_ISDIR(from->found->inode->mode);
	bool to_dir = S_ISDIR(to->found->inode->mode);

	if (is_inside(from->found, to->found))
		return -ENOTEMPTY;
	if (to_dir && !from_dir)
		return -EISDIR;
	if (!to_dir && from_dir)
		return -ENOTDIR;
	if (to->found->inode->dynamic)
		return -EBUSY;
	return to_dir && !TAILQ_EMPTY(&to->found->order) ? -ENOTEMPTY : 0;
}

static int check_rename(const struct walk *from, const struct walk *to, unsigned flags)
{
	bool directory;

	if (from->kind != LAST_NAME || to->kind != LAST_NAME)
		return -EBUSY;
	directory = S_ISDIR(from->found->inode->mode);
	if (!!from->dir->inode->dynamic != !!to->dir->inode->dynamic)
		return -EXDEV;
	if (from->dir->inode->dynamic)
		return -EPERM;
	if (!directory && (from->slash || to->slash))
		return -ENOTDIR;
	if (to->found && flags & RENAME_NOREPLACE)
		return -EEXIST;
	if (is_inside(to->dir, from->found))
		return -EINVAL;
	if (from->found->inode->dynamic)
		return -EBUSY;
	if (!to->dir->linked)
		return -ENOENT;
	return 0;
}

int tree_rename(struct walk *from, struct walk *to, unsigned flags)
{
	bool directory;
	char *name;
	int err;

	ASSERT(mutex_held(&tree_lock), "FS-3");
	err = check_rename(from, to, flags);
	if (err)
		return err;
	if (to->found && to->found->inode == from->found->inode)
		return 0;	/* two names of one file: both stay (POSIX) */
	err = to->found ? check_replaced(from, to) : 0;
	if (err)
		return err;
	name = name_copy(to->last, to->last_len);
	if (!name)
		return -ENOMEM;
	if (to->found)
		drop_name(to->found);
	directory = S_ISDIR(from->found->inode->mode);
	from->dir->inode->nlink -= directory;
	to->dir->inode->nlink += directory;
	touch(from->dir->inode);
	touch(to->dir->inode);
	from->found->inode->ctime = to->dir->inode->ctime;
	dentry_move(from->found, to->dir, name, to->last_len);
	return 0;
}

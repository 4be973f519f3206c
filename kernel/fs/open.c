/* SPDX-License-Identifier: MIT */
/* open(2): from a path to an open file. */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include "kernel/fs/at.h"
#include "kernel/fs/contents.h"
#include "kernel/fs/fd.h"
#include "kernel/fs/mode.h"
#include "kernel/fs/open.h"
#include "kernel/fs/regular.h"
#include "kernel/fs/tree.h"

/* O_PATH files can be asked about, but do nothing. */
static const struct file_ops path_ops;

#define KNOWN_FLAGS                                                                          \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK |         \
	 O_SYNC | FASYNC | O_DIRECT | O_LARGEFILE | O_NOFOLLOW | O_NOATIME | O_CLOEXEC |     \
	 O_PATH | O_TMPFILE)

static bool wants_write(unsigned flags)
{
	return (flags & O_ACCMODE) != O_RDONLY;
}

/* The directory exists, its last name does not. */
static int create_last(struct walk *w, unsigned flags, unsigned mode)
{
	if (!(flags & O_CREAT))
		return -ENOENT;
	if (w->slash)
		return -EISDIR;
	if (w->dir->inode->dynamic)
		return -ENOENT;
	return tree_make(w, S_IFREG | (mode & 07777 & ~fs_umask()), 0, &w->found);
}

static int check_found(const struct inode *inode, unsigned flags)
{
	if (flags & O_CREAT && flags & O_EXCL)
		return -EEXIST;
	if (flags & O_DIRECTORY && !S_ISDIR(inode->mode))
		return -ENOTDIR;
	if (S_ISLNK(inode->mode) && !(flags & O_PATH))
		return -ELOOP;		/* only with O_NOFOLLOW */
	if (S_ISDIR(inode->mode) && (wants_write(flags) || flags & O_CREAT))
		return -EISDIR;
	if (!inode->ops && !(flags & O_PATH))
		return -ENXIO;
	return 0;
}

/* The name to open, with a reference; made if flags ask for it. */
static int find_or_create(int dirfd, const char *path, unsigned flags, unsigned mode,
			  struct dentry **out)
{
	bool exclusive = flags & O_CREAT && flags & O_EXCL;
	unsigned walk = flags & O_CREAT ? WALK_MISSING : 0;
	struct walk w;
	int err;

	if (!(flags & O_NOFOLLOW) && !exclusive)
		walk |= WALK_FOLLOW;
	err = at_walk(&w, dirfd, path, walk);
	if (!err)
		err = w.found ? check_found(w.found->inode, flags) : create_last(&w, flags, mode);
	if (!err) {
		*out = w.found;
		dentry_get(*out);
	}
	at_end(&w);
	return err;
}

static int open_dentry(struct dentry *d, unsigned flags, struct file **out)
{
	unsigned kept = flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC);
	struct file *file = file_create(d->inode, d, kept);
	int err = 0;

	if (!file)
		return -ENOMEM;
	if (flags & O_PATH)
		file->ops = &path_ops;
	else if (flags & O_TRUNC && inode_is_plain(d->inode))
		err = inode_truncate(d->inode, 0);
	if (!err && file->ops->open)
		err = file->ops->open(d->inode, file);
	if (err) {
		file->ops = &path_ops;	/* not opened, so not to be released */
		file_put(file);
		return err;
	}
	*out = file;
	return 0;
}

int open_at(int dirfd, const char *path, unsigned flags, unsigned mode, struct file **out)
{
	struct dentry *d;
	int err;

	flags &= KNOWN_FLAGS;
	if (flags & O_PATH)
		flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	if ((flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
		return -EINVAL;
	if ((flags & O_TMPFILE) == O_TMPFILE)
		return -EOPNOTSUPP;
	err = find_or_create(dirfd, path, flags, mode, &d);
	if (err)
		return err;
	err = open_dentry(d, flags, out);
	dentry_put(d);
	return err;
}

int fs_open(const char *path, unsigned flags, unsigned mode, struct file **out)
{
	return open_at(AT_FDCWD, path, flags, mode, out);
}

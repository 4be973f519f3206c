/* SPDX-License-Identifier: MIT */
/* System calls that look at directories and links: getdents, getcwd, chdir, readlink. */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include "kernel/fs/at.h"
#include "kernel/fs/directory.h"
#include "kernel/fs/fd.h"
#include "kernel/fs/mode.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/syscall.h"

static long list_fd(int fd, void __user *buf, unsigned size, enum dirent_layout layout)
{
	struct file *file = fd_get(fd);
	long ret;

	if (!file)
		return -EBADF;
	ret = file->flags & O_PATH ? -EBADF : directory_list(file, buf, size, layout);
	file_put(file);
	return ret;
}

SYSCALL3(getdents64, int, fd, void __user *, buf, unsigned, size)
{
	return list_fd(fd, buf, size, DIRENT_64);
}

SYSCALL3(getdents, int, fd, void __user *, buf, unsigned, size)
{
	return list_fd(fd, buf, size, DIRENT_NATIVE);
}

COMPAT_SYSCALL3(getdents, int, fd, void __user *, buf, unsigned, size)
{
	return list_fd(fd, buf, size, DIRENT_COMPAT);
}

SYSCALL2(getcwd, char __user *, buf, size_t, size)
{
	struct dentry *cwd = fs_cwd();
	char *path = kmalloc(PATH_MAX);
	long n = path ? fs_path_of(cwd, path, PATH_MAX) : -ENOMEM;

	if (n > 0)
		n++;		/* the NUL counts */
	if (n > 0 && !cwd->linked)
		n = -ENOENT;
	if (n > 0 && (size_t)n > size)
		n = -ERANGE;
	if (n > 0 && copy_to_user(buf, path, n))
		n = -EFAULT;
	kfree(path);
	dentry_put(cwd);
	return n;
}

SYSCALL1(chdir, const char __user *, user)
{
	struct dentry *d;
	char *path;
	long err = path_from_user(user, &path);

	if (err)
		return err;
	err = dentry_at(AT_FDCWD, path, WALK_FOLLOW, &d);
	kfree(path);
	if (err)
		return err;
	if (S_ISDIR(d->inode->mode))
		fs_set_cwd(d);
	else
		err = -ENOTDIR;
	dentry_put(d);
	return err;
}

SYSCALL1(fchdir, int, fd)
{
	struct file *file = fd_get(fd);
	long err = 0;

	if (!file)
		return -EBADF;
	if (S_ISDIR(file->inode->mode))
		fs_set_cwd(file->dentry);
	else
		err = -ENOTDIR;
	file_put(file);
	return err;
}

static long read_link(struct dentry *d, char __user *buf, size_t size)
{
	char *text;
	long n;

	if (!S_ISLNK(d->inode->mode))
		return -EINVAL;
	text = kmalloc(PATH_MAX);
	n = text ? link_text(d->inode, text, MIN(size, (size_t)PATH_MAX)) : -ENOMEM;
	if (n > 0 && copy_to_user(buf, text, n))
		n = -EFAULT;
	kfree(text);
	return n;
}

static long readlink_at(int dirfd, const char __user *user, char __user *buf, int size)
{
	struct dentry *d;
	char *path;
	long ret;

	if (size <= 0)
		return -EINVAL;
	ret = path_from_user(user, &path);
	if (ret)
		return ret;
	ret = dentry_at(dirfd, path, 0, &d);
	kfree(path);
	if (ret)
		return ret;
	ret = read_link(d, buf, size);
	dentry_put(d);
	return ret;
}

SYSCALL3(readlink, const char __user *, path, char __user *, buf, int, size)
{
	return readlink_at(AT_FDCWD, path, buf, size);
}

SYSCALL4(readlinkat, int, dirfd, const char __user *, path, char __user *, buf, int, size)
{
	return readlink_at(dirfd, path, buf, size);
}

SYSCALL1(umask, unsigned, mask)
{
	return fs_set_umask(mask);
}

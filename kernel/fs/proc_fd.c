/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/fd. Its links lead to the open file's own name, whether it is still in the tree
 * or not; a pipe, which has none, gets one for the moment.
 */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include "kernel/fs/dentry.h"
#include "kernel/fs/fd.h"
#include "kernel/fs/mode.h"
#include "kernel/fs/proc_info.h"
#include "kernel/lib/print.h"
#include "kernel/mm/heap.h"

/* The open file a link stands for, with a reference. */
static struct file *file_of(int pid, unsigned fd)
{
	struct files *files = proc_get_files(pid);
	struct file *file = NULL;

	if (!files)
		return NULL;
	if (files_next(files, fd, &file) != (int)fd && file) {
		file_put(file);
		file = NULL;
	}
	files_put(files);
	return file;
}

static struct file *file_of_link(const struct inode *link)
{
	return file_of(proc_pid_of(link), proc_id_of(link) - PROC_ID_FD);
}

static size_t describe_unnamed(const struct inode *inode, char *buf, size_t size)
{
	return snprintf(buf, size, S_ISFIFO(inode->mode) ? "pipe:[%llu]" : "/dev/zero (deleted)",
			(unsigned long long)inode->ino);
}

static long link_readlink(struct inode *link, char *buf, size_t size)
{
	struct file *file = file_of_link(link);
	char *path = kmalloc(PATH_MAX);
	long n = -ENOMEM;

	if (!file)
		n = -ENOENT;
	else if (path && file->dentry)
		n = fs_path_of(file->dentry, path, PATH_MAX);
	else if (path)
		n = describe_unnamed(file->inode, path, PATH_MAX);
	if (n > 0) {
		n = MIN((size_t)n, size);
		memcpy(buf, path, n);
	}
	if (file)
		file_put(file);
	kfree(path);
	return n;
}

static int link_follow(struct inode *link, struct dentry **out)
{
	struct file *file = file_of_link(link);
	char name[32];
	size_t len;

	if (!file)
		return -ENOENT;
	if (file->dentry) {
		*out = file->dentry;
		dentry_get(*out);
	} else {
		len = describe_unnamed(file->inode, name, sizeof(name));
		*out = dentry_create(root_dentry, name, len, file->inode);
	}
	file_put(file);
	return *out ? 0 : -ENOMEM;
}

static const struct dynamic_ops link_ops = { .readlink = link_readlink, .follow = link_follow };

static int fd_lookup(struct inode *dir, const char *name, size_t len, struct inode **out)
{
	int fd = proc_number(name, len), pid = proc_pid_of(dir);
	struct file *file = fd >= 0 ? file_of(pid, fd) : NULL;
	uint32_t mode = S_IFLNK | S_IXUSR;

	if (!file)
		return -ENOENT;
	mode |= file_allows(file, FILE_READ) ? S_IRUSR : 0;
	mode |= file_allows(file, FILE_WRITE) ? S_IWUSR : 0;
	file_put(file);
	*out = proc_inode(pid, PROC_ID_FD + fd, mode, &link_ops, NULL);
	return *out ? 0 : -ENOMEM;
}

static bool fd_entry(struct inode *dir, uint64_t *cursor, struct dir_entry *out)
{
	int pid = proc_pid_of(dir), fd;
	struct files *files = *cursor < FILES_MAX ? proc_get_files(pid) : NULL;
	struct file *file;

	if (!files)
		return false;
	fd = files_next(files, *cursor, &file);
	files_put(files);
	if (fd < 0)
		return false;
	file_put(file);
	out->ino = dir->ino - proc_id_of(dir) + PROC_ID_FD + fd;
	out->type = S_IFLNK;
	snprintf(out->name, sizeof(out->name), "%d", fd);
	*cursor = fd + 1;
	return true;
}

const struct dynamic_ops proc_fd_ops = { .lookup = fd_lookup, .entry = fd_entry };

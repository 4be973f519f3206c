/* SPDX-License-Identifier: MIT */
/*
 * Reading directories: getdents in its three layouts.  The position of a directory is 0 for ".",
 * 1 for "..", then two more than the cookie from which to go on; entries that come and go
 * meanwhile disturb no other.
 */
#include <asm/errno.h>
#include "kernel/fs/directory.h"
#include "kernel/fs/file.h"
#include "kernel/fs/mode.h"
#include "kernel/fs/regular.h"
#include "kernel/mm/heap.h"

static long directory_read(struct file *file, struct iobuf buf, size_t n, uint64_t *pos)
{
	return -EISDIR;
}

const struct file_ops directory_ops = { .read = directory_read };

static void fill_from_inode(struct dir_entry *e, const char *name, const struct inode *inode)
{
	e->ino = inode->ino;
	e->type = inode->mode & S_IFMT;
	strlcpy(e->name, name, sizeof(e->name));
}

/* The first child from that cookie on, or NULL; last: what the search before this one found. */
static struct dentry *child_at(struct dentry *dir, struct dentry *last, uint64_t cookie)
{
	struct dentry *d = last ? last : TAILQ_FIRST(&dir->order);

	while (d && d->cookie < cookie)
		d = TAILQ_NEXT(d, link);
	return d;
}

/* The entry at *pos, which moves behind it; false: no more.  With tree_lock held. */
static bool next_entry(struct dentry *dir, struct dentry **last, uint64_t *pos, struct dir_entry *e)
{
	uint64_t cookie;
	struct dentry *d;
	bool more;

	if (*pos < 2) {
		d = *pos ? dir->parent : dir;
		fill_from_inode(e, *pos ? ".." : ".", d->inode);
		++*pos;
		return true;
	}
	cookie = *pos - 2;
	if (dir->inode->dynamic) {
		more = dir->inode->dynamic->entry(dir->inode, &cookie, e);
		*pos = cookie + 2;
		return more;
	}
	*last = child_at(dir, *last, cookie);
	if (!*last)
		return false;
	fill_from_inode(e, (*last)->name, (*last)->inode);
	*pos = (*last)->cookie + 1 + 2;
	return true;
}

/* Lays one entry out at to; its length, or 0 if it does not fit into room bytes. */
static size_t put_entry(char *to, size_t room, const struct dir_entry *e, uint64_t next,
			enum dirent_layout layout)
{
	size_t word = layout == DIRENT_COMPAT ? 4 : 8, name = strlen(e->name) + 1;
	size_t fixed = 2 * word + 2 + (layout == DIRENT_64);
	/* getdents of old keeps the type in the last byte. */
	size_t len = ALIGN_UP(fixed + name + (layout != DIRENT_64), word);
	uint16_t len16 = len;
	uint8_t type = e->type >> 12;	/* DT_* are S_IF* shifted */

	if (len > room)
		return 0;
	memset(to, 0, len);
	memcpy(to, &e->ino, word);
	memcpy(to + word, &next, word);
	memcpy(to + 2 * word, &len16, 2);
	memcpy(to + fixed, e->name, name);
	to[layout == DIRENT_64 ? fixed - 1 : len - 1] = type;
	return len;
}

/* Fills page; tree_lock held, so the copy to the program waits until afterwards. */
static long fill_page(struct file *file, char *page, size_t size, uint64_t *pos,
		      enum dirent_layout layout, struct dir_entry *e)
{
	struct dentry *last = NULL;
	size_t done = 0, len;
	uint64_t next = *pos;

	if (!file->dentry->linked)
		return -ENOENT;
	while (next_entry(file->dentry, &last, &next, e)) {
		len = put_entry(page + done, size - done, e, next, layout);
		if (!len)
			return done ? (long)done : -EINVAL;
		done += len;
		*pos = next;
	}
	return done;
}

long directory_list(struct file *file, char __user *buf, size_t size, enum dirent_layout layout)
{
	char *page;
	struct dir_entry *e;
	uint64_t pos;
	long ret;

	if (!S_ISDIR(file->inode->mode) || file->ops != &directory_ops)
		return -ENOTDIR;
	page = kmalloc(PAGE_SIZE);
	e = kmalloc(sizeof(*e));
	ret = -ENOMEM;
	if (page && e) {
		mutex_lock(&file->pos_lock);
		pos = file->pos;
		mutex_lock(&tree_lock);
		ret = fill_page(file, page, MIN(size, (size_t)PAGE_SIZE), &pos, layout, e);
		mutex_unlock(&tree_lock);
		if (ret > 0 && copy_to_user(buf, page, ret))
			ret = -EFAULT;
		if (ret > 0)
			file->pos = pos;
		mutex_unlock(&file->pos_lock);
	}
	kfree(page);
	kfree(e);
	return ret;
}

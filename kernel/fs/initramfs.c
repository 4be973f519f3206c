/* SPDX-License-Identifier: MIT */
/*
 * The initial file system: cpio archives unpacked into the tree, later ones over earlier ones.
 * Boot only, one thread.
 */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include "kernel/fs/at.h"
#include "kernel/fs/cpio.h"
#include "kernel/fs/devices.h"
#include "kernel/fs/file.h"
#include "kernel/fs/mode.h"
#include "kernel/fs/tree.h"
#include "kernel/lib/print.h"
#include "kernel/mm/heap.h"

/* Regular files of the archive with more than one name; only one of these carries the data. */
struct hard_link {
	SLIST_ENTRY(hard_link) link;
	uint32_t ino;
	struct inode *inode;		/* with a reference */
};
static SLIST_HEAD(, hard_link) hard_links;

static void forget_hard_links(void)
{
	struct hard_link *h;

	while ((h = SLIST_FIRST(&hard_links))) {
		SLIST_REMOVE_HEAD(&hard_links, link);
		inode_put(h->inode);
		kfree(h);
	}
}

static struct inode *find_hard_link(const struct cpio_entry *e)
{
	struct hard_link *h;

	if (e->nlink < 2 || !S_ISREG(e->mode))
		return NULL;
	SLIST_FOREACH(h, &hard_links, link) {
		if (h->ino == e->ino)
			return h->inode;
	}
	return NULL;
}

static int remember_hard_link(const struct cpio_entry *e, struct inode *inode)
{
	struct hard_link *h;

	if (e->nlink < 2 || !S_ISREG(e->mode) || find_hard_link(e))
		return 0;
	h = kmalloc(sizeof(*h));
	if (!h)
		return -ENOMEM;
	inode_get(inode);
	*h = (struct hard_link){ .ino = e->ino, .inode = inode };
	SLIST_INSERT_HEAD(&hard_links, h, link);
	return 0;
}

static bool leads_upwards(const char *path)
{
	for (const char *p = path; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (p[0] == '.' && p[1] == '.' && (p[2] == '/' || !p[2]))
			return true;
	}
	return false;
}

static int make_directory(const char *path)
{
	struct walk w;
	int err = at_walk(&w, AT_FDCWD, path, WALK_MISSING | WALK_FOLLOW);

	if (!err && !w.found)
		err = tree_make(&w, S_IFDIR | 0755, 0, NULL);
	at_end(&w);
	return err;
}

/* Archives made by hand may leave out directories on the way. */
static int make_parents(const char *path)
{
	char *copy = name_copy(path, strlen(path));
	int err = copy ? 0 : -ENOMEM;

	for (char *p = copy; !err && (p = strchr(p + 1, '/'));) {
		*p = '\0';
		err = make_directory(copy);
		*p = '/';
	}
	kfree(copy);
	return err;
}

/* What stands under the name goes, but a directory stays for a directory. */
static int remove_old(struct walk *w, const struct cpio_entry *e)
{
	int err;

	if (!w->found || (S_ISDIR(e->mode) && S_ISDIR(w->found->inode->mode)))
		return 0;
	err = S_ISDIR(w->found->inode->mode) ? tree_rmdir(w) : tree_unlink(w);
	if (!err) {
		dentry_put(w->found);
		w->found = NULL;
	}
	return err;
}

static int add_symlink(struct walk *w, const struct cpio_entry *e)
{
	char *target = NULL;
	int err;

	if (e->size && e->size < PATH_MAX)
		target = name_copy((const char *)e->data, e->size);
	if (!target || strlen(target) != e->size)
		err = -EINVAL;
	else
		err = tree_symlink(w, target);
	kfree(target);
	return err;
}

/* The entry's name in the tree.  out: its inode with a reference, NULL for symbolic links. */
static int add_name(struct walk *w, const struct cpio_entry *e, struct inode **out)
{
	struct inode *linked = find_hard_link(e);
	struct dentry *d = w->found;
	int err = 0;

	if (S_ISLNK(e->mode))
		return add_symlink(w, e);
	if (d)
		dentry_get(d);		/* a directory that was there */
	else if (linked)
		err = tree_add(w, linked, &d);
	else
		err = tree_make(w, e->mode, DEVICE(e->rdev_major, e->rdev_minor), &d);
	if (err)
		return err;
	*out = d->inode;
	inode_get(*out);
	dentry_put(d);
	return 0;
}

static int walk_and_add(const struct cpio_entry *e, const char *path, struct inode **out)
{
	struct walk w;
	int err = at_walk(&w, AT_FDCWD, path, WALK_MISSING);

	*out = NULL;
	if (!err)
		err = remove_old(&w, e);
	if (!err)
		err = add_name(&w, e, out);
	at_end(&w);
	return err;
}

static int fill_inode(const struct cpio_entry *e, struct inode *inode)
{
	long n = 0;

	inode->mode = e->mode & (S_IFMT | 07777);
	inode->uid = e->uid;
	inode->gid = e->gid;
	if (S_ISREG(e->mode) && e->size)
		n = inode_write(inode, e->data, e->size, 0);
	inode->mtime = e->mtime * 1000000000ull;
	if (n < 0)
		return n;
	return S_ISREG(e->mode) && (size_t)n != e->size ? -ENOMEM : remember_hard_link(e, inode);
}

static const char *unpack_entry(const struct cpio_entry *e)
{
	const char *path = *e->name ? e->name : ".";
	struct inode *inode;
	int err;

	if (!S_ISREG(e->mode) && !S_ISDIR(e->mode) && !S_ISLNK(e->mode) && !S_ISCHR(e->mode))
		return "is no file, directory, symbolic link or character device";
	if (leads_upwards(path))
		return "has \"..\" in its name";
	err = walk_and_add(e, path, &inode);
	if (err == -ENOENT) {
		err = make_parents(path);
		if (!err)
			err = walk_and_add(e, path, &inode);
	}
	if (!err && inode) {
		err = fill_inode(e, inode);
		inode_put(inode);
	}
	if (err == -ENOMEM)
		return "does not fit into memory";
	return err ? "clashes with what is already there" : NULL;
}

const char *initramfs_unpack(const void *data, size_t size)
{
	static char message[256];
	struct cpio_entry entry;
	size_t offset = 0, start = 0;
	const char *why;
	int more;

	while ((more = cpio_next(data, size, &offset, &entry, &why)) > 0) {
		if (entry.new_archive)
			forget_hard_links();
		why = unpack_entry(&entry);
		if (why) {
			forget_hard_links();
			snprintf(message, sizeof(message),
				 "initramfs: \"%.100s\" before byte %zu %s", entry.name, offset,
				 why);
			return message;
		}
		start = offset;
	}
	forget_hard_links();
	if (!more && start)
		return NULL;
	snprintf(message, sizeof(message), "initramfs: %s at byte %zu of %zu",
		 more ? why : "no files in the archive", offset, size);
	return message;
}

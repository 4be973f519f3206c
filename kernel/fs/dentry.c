/* SPDX-License-Identifier: MIT */
/* Names: their lifetime, the tables of directories, and paths. */
#include <asm/errno.h>
#include "kernel/debug/panic.h"
#include "kernel/fs/dentry.h"
#include "kernel/fs/file.h"
#include "kernel/mm/heap.h"

struct mutex tree_lock = MUTEX(tree_lock, "tree", RANK_TREE);
static struct spinlock name_lock = SPINLOCK("names", RANK_NAMES);
struct dentry *root_dentry;

/* Any order will do for finding names; this one is the quickest to compare. */
static int compare_names(const struct dentry *a, const struct dentry *b)
{
	if (a->name_len != b->name_len)
		return a->name_len - b->name_len;
	return memcmp(a->name, b->name, a->name_len);
}

RB_GENERATE_INTERNAL(dentry_tree, dentry, node, compare_names, __attribute__((unused)) static)

char *name_copy(const char *name, size_t len)
{
	char *copy = kmalloc(len + 1);

	if (copy) {
		memcpy(copy, name, len);
		copy[len] = '\0';
	}
	return copy;
}

struct dentry *dentry_create(struct dentry *dir, const char *name, size_t len, struct inode *inode)
{
	struct dentry *d = kzalloc(sizeof(*d));

	if (!d)
		return NULL;
	d->name = name_copy(name, len);
	if (!d->name) {
		kfree(d);
		return NULL;
	}
	d->refs = 1;
	d->name_len = len;
	d->linked = true;
	d->parent = dir ? dir : d;
	if (dir)
		dentry_get(dir);
	d->inode = inode;
	inode_get(inode);
	RB_INIT(&d->children);
	TAILQ_INIT(&d->order);
	return d;
}

void dentry_get(struct dentry *d)
{
	__atomic_fetch_add(&d->refs, 1, __ATOMIC_RELAXED);
}

void dentry_put(struct dentry *d)
{
	struct dentry *parent;
	uint32_t left;

	for (;; d = parent) {
		left = __atomic_sub_fetch(&d->refs, 1, __ATOMIC_ACQ_REL);
		ASSERT(left != UINT32_MAX, "FS-2");
		if (left)
			return;
		/* Nobody can find or move it any more. */
		parent = d->parent;
		inode_put(d->inode);
		kfree(d->name);
		kfree(d);
	}
}

static void enter(struct dentry *d)
{
	d->cookie = ++d->parent->last_cookie;
	RB_INSERT(dentry_tree, &d->parent->children, d);
	TAILQ_INSERT_TAIL(&d->parent->order, d, link);
}

static void leave(struct dentry *d)
{
	RB_REMOVE(dentry_tree, &d->parent->children, d);
	TAILQ_REMOVE(&d->parent->order, d, link);
}

void dentry_link(struct dentry *d)
{
	dentry_get(d);
	enter(d);
}

void dentry_unlink(struct dentry *d)
{
	leave(d);
	spin_lock(&name_lock);
	d->linked = false;
	spin_unlock(&name_lock);
	dentry_put(d);
}

void dentry_move(struct dentry *d, struct dentry *dir, char *name, size_t len)
{
	struct dentry *old_dir = d->parent;
	char *old_name = d->name;

	leave(d);
	dentry_get(dir);
	spin_lock(&name_lock);
	d->parent = dir;
	d->name = name;
	d->name_len = len;
	spin_unlock(&name_lock);
	enter(d);
	dentry_put(old_dir);
	kfree(old_name);
}

static int lookup_dynamic(struct dentry *dir, const char *name, size_t len, struct dentry **out)
{
	struct inode *inode;
	int err = dir->inode->dynamic->lookup(dir->inode, name, len, &inode);

	if (err)
		return err;
	*out = dentry_create(dir, name, len, inode);
	inode_put(inode);
	return *out ? 0 : -ENOMEM;
}

int dentry_lookup(struct dentry *dir, const char *name, size_t len, struct dentry **out)
{
	struct dentry key = { .name = (char *)name, .name_len = len };

	if (dir->inode->dynamic)
		return lookup_dynamic(dir, name, len, out);
	*out = RB_FIND(dentry_tree, &dir->children, &key);
	if (!*out)
		return -ENOENT;
	dentry_get(*out);
	return 0;
}

/* From the end of buf towards its start; the place of the first byte, or NULL. */
static char *build_path(const struct dentry *d, char *buf, char *end)
{
	if (d->parent == d) {
		if (end == buf)
			return NULL;
		*--end = '/';
	}
	for (; d->parent != d; d = d->parent) {
		if (end - buf < d->name_len + 1)
			return NULL;
		end -= d->name_len;
		memcpy(end, d->name, d->name_len);
		*--end = '/';
	}
	return end;
}

long fs_path_of(struct dentry *dentry, char *buf, size_t size)
{
	static const char deleted[] = " (deleted)";
	char *end = buf + size, *start;
	size_t tail;

	spin_lock(&name_lock);
	tail = dentry->linked ? 1 : sizeof(deleted);
	start = size > tail ? build_path(dentry, buf, end - tail) : NULL;
	spin_unlock(&name_lock);
	if (!start)
		return -ENAMETOOLONG;
	memcpy(end - tail, deleted + sizeof(deleted) - tail, tail);
	memmove(buf, start, end - start);
	return end - start - 1;
}

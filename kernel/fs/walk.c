/* SPDX-License-Identifier: MIT */
/*
 * The path walk.  It is a loop, not a recursion: at a symbolic link the text still to be
 * walked becomes the link's target and what followed the link.
 */
#include <asm/errno.h>
#include <linux/limits.h>
#include "kernel/debug/panic.h"
#include "kernel/fs/mode.h"
#include "kernel/fs/walk.h"
#include "kernel/mm/heap.h"

#define LINKS_MAX 40

static void skip_slashes(struct walk *w)
{
	while (*w->rest == '/')
		w->rest++;
}

/* Moves dir to another directory, taking over the reference. */
static void go_to(struct walk *w, struct dentry *dir)
{
	dentry_put(w->dir);
	w->dir = dir;
}

/* An absolute text starts at the root. */
static void set_rest(struct walk *w, char *text)
{
	w->rest = text;
	if (*text == '/') {
		dentry_get(root_dentry);
		go_to(w, root_dentry);
	}
}

/* Cuts the next name off rest; false: none is left. */
static bool next_name(struct walk *w)
{
	skip_slashes(w);
	if (!*w->rest)
		return false;
	w->last = w->rest;
	while (*w->rest && *w->rest != '/')
		w->rest++;
	w->last_len = w->rest - w->last;
	w->slash = *w->rest == '/';
	skip_slashes(w);
	w->kind = LAST_NAME;
	if (w->last[0] == '.' && w->last_len == 1)
		w->kind = LAST_DOT;
	if (w->last[0] == '.' && w->last_len == 2 && w->last[1] == '.')
		w->kind = LAST_DOTDOT;
	return true;
}

static int find(struct walk *w)
{
	if (!S_ISDIR(w->dir->inode->mode))
		return -ENOTDIR;
	if (w->last_len > NAME_LEN_MAX)
		return -ENAMETOOLONG;
	if (w->kind == LAST_NAME)
		return dentry_lookup(w->dir, w->last, w->last_len, &w->found);
	w->found = w->kind == LAST_DOT ? w->dir : w->dir->parent;
	dentry_get(w->found);
	return 0;
}

long link_text(struct inode *link, char *buf, size_t size)
{
	const char *target = link->private;
	size_t n;

	if (link->dynamic)
		return link->dynamic->readlink(link, buf, size);
	n = MIN(strlen(target), size);
	memcpy(buf, target, n);
	return n;
}

/*
 * What is left to walk becomes the link's text, then a slash where there was one, then the
 * old rest.
 */
static int splice_link(struct walk *w)
{
	size_t rest = strlen(w->rest);
	char *text = kmalloc(PATH_MAX);
	long n = text ? link_text(w->found->inode, text, PATH_MAX) : -ENOMEM;

	if (n >= 0 && n + rest + 2 > PATH_MAX)
		n = -ENAMETOOLONG;
	if (n < 0) {
		kfree(text);
		return n;
	}
	if (w->slash)
		text[n++] = '/';
	memcpy(text + n, w->rest, rest + 1);
	kfree(w->text);
	w->text = text;
	dentry_put(w->found);
	w->found = NULL;
	set_rest(w, text);
	return 0;
}

/* 1: there is new text to walk; 0: found is now what the link leads to. */
static int follow(struct walk *w)
{
	const struct dynamic_ops *dynamic = w->found->inode->dynamic;
	struct dentry *target;
	int err;

	if (++w->links > LINKS_MAX)
		return -ELOOP;
	if (!dynamic || !dynamic->follow)
		return splice_link(w) ?: 1;
	err = dynamic->follow(w->found->inode, &target);
	if (err)
		return err;
	dentry_put(w->found);
	w->found = target;
	return 0;
}

/* The path was the root's, or a link's text was: "/" has no last name. */
static int end_at_root(struct walk *w)
{
	w->kind = LAST_ROOT;
	w->last = "";
	w->last_len = 0;
	w->found = w->dir;
	dentry_get(w->found);
	return 0;
}

static bool follows_last(const struct walk *w, unsigned flags)
{
	return flags & WALK_FOLLOW || (w->slash && !(flags & WALK_NAME));
}

/* One name.  1: go on, 0: the walk is over, or -errno. */
static int step(struct walk *w, unsigned flags)
{
	bool last;
	int err;

	if (!next_name(w))
		return end_at_root(w);
	last = !*w->rest;
	err = find(w);
	if (err == -ENOENT && last && flags & WALK_MISSING)
		return 0;
	if (err)
		return err;
	if (S_ISLNK(w->found->inode->mode) && (!last || follows_last(w, flags))) {
		err = follow(w);
		if (err)
			return err;
	}
	if (last && w->slash && !(flags & WALK_NAME) && !S_ISDIR(w->found->inode->mode))
		return -ENOTDIR;
	if (last)
		return 0;
	go_to(w, w->found);
	w->found = NULL;
	return 1;
}

int walk_path(struct walk *w, struct dentry *start, const char *path, unsigned flags)
{
	int more;

	ASSERT(mutex_held(&tree_lock), "FS-3");
	*w = (struct walk){ .dir = *path == '/' ? root_dentry : start };
	dentry_get(w->dir);
	if (!*path)
		return -ENOENT;
	w->rest = (char *)path;
	do {
		more = step(w, flags);
	} while (more > 0);
	return more;
}

void walk_end(struct walk *w)
{
	if (w->found)
		dentry_put(w->found);
	dentry_put(w->dir);
	kfree(w->text);
}

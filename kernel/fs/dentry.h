/* SPDX-License-Identifier: MIT */
/*
 * Names.  A dentry is one name of an inode in one directory, and a directory's dentry holds
 * the names in it. tree_lock guards the whole tree; name and parent change only under
 * name_lock as well, so that a path can be built with just that (under an address space's
 * lock, say).
 */
#pragma once

#include <bsd/sys/tree.h>
#include "kernel/fs/inode.h"

#define NAME_LEN_MAX 255

struct dentry {
	uint32_t refs;			/* atomic: its directory's table, children, users */
	uint8_t name_len;
	bool linked;			/* false: unlinked since it was found */
	struct dentry *parent;		/* with a reference; the root is its own parent, without */
	char *name;			/* terminated */
	struct inode *inode;		/* constant, with a reference */
	uint64_t cookie;		/* constant while linked: place in the getdents order */
	uint64_t last_cookie;		/* directories: the youngest child's */
	RB_ENTRY(dentry) node;		/* parent->children, by name */
	TAILQ_ENTRY(dentry) link;	/* parent->order, by cookie */
	RB_HEAD(dentry_tree, dentry) children;
	TAILQ_HEAD(dentry_list, dentry) order;
};

extern struct mutex tree_lock;		/* RANK_TREE */
extern struct dentry *root_dentry;

void dentry_get(struct dentry *d);
/* The last one frees it; any thread context, tree_lock held or not. */
void dentry_put(struct dentry *d);

/* All below with tree_lock held. */

/*
 * A dentry with one reference that is not in its directory's table: /proc, and
 * dentry_link's first half.
 */
struct dentry *dentry_create(struct dentry *dir, const char *name, size_t len, struct inode *inode);
/* Enters it in its directory's table, which takes a reference. */
void dentry_link(struct dentry *d);
/* Takes it out; the table's reference goes.  It keeps its parent for as long as it lives. */
void dentry_unlink(struct dentry *d);
/* Moves a linked dentry under another name.  The name's memory is taken over. */
void dentry_move(struct dentry *d, struct dentry *dir, char *name, size_t len);
/* With a reference.  -ENOENT, -ENOMEM */
int dentry_lookup(struct dentry *dir, const char *name, size_t len, struct dentry **out);
/* name is terminated in the copy.  NULL: out of memory */
char *name_copy(const char *name, size_t len);

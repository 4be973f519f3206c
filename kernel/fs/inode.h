/* SPDX-License-Identifier: MIT */
/*
 * Inodes: everything that has a name, and the pipes and shared memory that have none.
 * The file system is one tree in memory (tmpfs-like): regular files own page frames.
 */
#pragma once

#include <sys/queue.h>
#include "kernel/lib/lock.h"
#include "kernel/fs/iobuf.h"
#include "kernel/mm/frames.h"
#include "sched/mutex.h"

struct dentry;
struct file;
struct inode;
struct poll_table;
struct page_tree;

struct file_ops {
	/* Any of them may be NULL: read/write -EINVAL, poll always ready, ioctl -ENOTTY. */
	int (*open)(struct inode *inode, struct file *file);
	void (*release)(struct file *file);
	/* At *pos, which they advance; partial results like read(2)/write(2). */
	long (*read)(struct file *file, struct iobuf buf, size_t n, uint64_t *pos);
	long (*write)(struct file *file, struct iobuf buf, size_t n, uint64_t *pos);
	/*
	 * POLL* bits that hold now; adds the caller to the wait queues through table (NULL:
	 * just look).
	 */
	unsigned (*poll)(struct file *file, struct poll_table *table);
	long (*ioctl)(struct file *file, unsigned cmd, uintptr_t arg, bool compat);
};

/* An entry of a directory, as getdents tells it. */
struct dir_entry {
	uint64_t ino;
	unsigned type;			/* S_IF* */
	char name[256];
};

/*
 * Directories and links whose content is made up at every look: /proc. tree_lock held but
 * for readlink.
 */
struct dynamic_ops {
	/* A fresh inode for the name, or -ENOENT. */
	int (*lookup)(struct inode *dir, const char *name, size_t len, struct inode **out);
	/* Fills in the entry at *cursor (0 first) and moves it on; false at the end. */
	bool (*entry)(struct inode *dir, uint64_t *cursor, struct dir_entry *out);
	/* Text of the link (not terminated): length, or -errno. */
	long (*readlink)(struct inode *link, char *buf, size_t size);
	/* What it leads to, with a reference, whatever the text says.  NULL: go by the text. */
	int (*follow)(struct inode *link, struct dentry **out);
};

#define FS_TREE 1u
#define FS_PIPE 2u
#define FS_PROC 3u

struct inode {
	uint64_t ino;
	uint32_t refs;			/* atomic: open files, tree entries, mappings */
	uint32_t mode;			/* S_IF* | permissions */
	uint32_t nlink;			/* RANK_TREE */
	uint32_t uid, gid, rdev;
	uint32_t dev;			/* FS_*: what st_dev tells apart */
	uint64_t atime, mtime, ctime;	/* ns since 1970 */
	const struct file_ops *ops;
	const struct dynamic_ops *dynamic; /* NULL outside /proc */
	struct mutex write_lock;	/* RANK_INODE_WRITE: one write or cut at a time */
	struct spinlock lock;		/* RANK_INODE: size, pages */
	uint64_t size;
	struct page_tree *pages;	/* regular files: radix of frames, NULL while empty */
	bool mapped;			/* atomic: an address space has or had a part of it */
	void *private;			/* pipes, /proc, devices; symlinks: the target string */
};

struct inode *inode_create(uint32_t mode);	/* refs 1, no name; NULL: out of memory */
void inode_get(struct inode *inode);
void inode_put(struct inode *inode);
/*
 * The frame behind page number index of a regular file, with a reference for the caller.
 * *frame = 0 for a hole when !create.  -ENOMEM; -ENXIO beyond the end of file.
 */
int inode_get_page(struct inode *inode, uint64_t index, bool create, phys_t *frame);
/* Callers other than the file calls need no lock.  What is cut off is unmapped.  -ENOMEM. */
int inode_truncate(struct inode *inode, uint64_t size);
/* Kernel buffers, regular files only: exec, initramfs.  Bytes done, or -errno. */
long inode_read(struct inode *inode, void *buf, size_t n, uint64_t pos);
long inode_write(struct inode *inode, const void *buf, size_t n, uint64_t pos);

/* SPDX-License-Identifier: MIT */
/*
 * /proc.  Nothing of it is kept: directories and files are made up when somebody looks.  An inode's
 * number says which process (0: the system) and which entry it is, so it is the same at every look.
 */
#pragma once

#include "kernel/fs/inode.h"
#include "kernel/fs/proc_text.h"

struct proc_entry {
	const char *name;
	uint32_t mode;
	int (*show)(struct proc_text *text, int pid);	/* files: writes the text; 0 or -errno */
	const struct dynamic_ops *dynamic;		/* directories and links */
	const struct proc_dir *dir;			/* for proc_table_ops */
};

struct proc_dir {
	const struct proc_entry *entry;
	size_t n;
	unsigned first_id;	/* of its entries; each process, and the system, has PROC_IDS */
};

#define PROC_IDS 4096u
#define PROC_ID_ROOT 0u
#define PROC_ID_SELF 1u	/* a process's own directory */
#define PROC_ID_FD   2048u	/* and the links in its fd directory */

/* A fresh inode.  entry (may be NULL for dynamic ones) is what it shows. */
struct inode *proc_inode(int pid, unsigned id, uint32_t mode, const struct dynamic_ops *dynamic,
			 const struct proc_entry *entry);
int proc_pid_of(const struct inode *inode);
unsigned proc_id_of(const struct inode *inode);

/* Directories that a table describes; inode->private is their entry. */
extern const struct dynamic_ops proc_table_ops;
int proc_dir_lookup(const struct proc_dir *dir, int pid, const char *name, size_t len,
		    struct inode **out);
bool proc_dir_entry(const struct proc_dir *dir, int pid, uint64_t *cursor, struct dir_entry *out);

/* kernel/fs/proc_system.c: the files that are about no process. */
extern const struct proc_dir proc_system_dir;
/* kernel/fs/proc_trace.c, debug builds. */
int proc_show_entry_trace(struct proc_text *t, int pid);
/* kernel/fs/proc_counts.c */
int proc_show_exits(struct proc_text *t, int pid);
int proc_show_interrupts(struct proc_text *t, int pid);
/* kernel/fs/proc_pid.c: a process's directory.  -ENOENT */
int proc_pid_inode(int pid, struct inode **out);
extern const struct file_ops proc_text_ops;
/* Decimal number without sign or leading zero, or -1. */
int proc_number(const char *name, size_t len);

/* Boot: the directory /proc. */
void proc_init(void);

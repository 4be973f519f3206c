/* SPDX-License-Identifier: MIT */
/* /proc itself: inodes, directories made of tables, the root with its processes. */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include "kernel/debug/panic.h"
#include "kernel/fs/at.h"
#include "kernel/fs/mode.h"
#include "kernel/fs/proc.h"
#include "kernel/fs/regular.h"
#include "kernel/fs/tree.h"
#include "kernel/lib/print.h"
#include "kernel/process/pid.h"
#include "kernel/process/process.h"

/* Above all numbers that inode_create gives out, and still 32 bits for old stat calls. */
#define PROC_INO 0x80000000u

static uint64_t ino_of(int pid, unsigned id)
{
	return PROC_INO + (uint64_t)pid * PROC_IDS + id;
}

struct inode *proc_inode(int pid, unsigned id, uint32_t mode, const struct dynamic_ops *dynamic,
			 const struct proc_entry *entry)
{
	struct inode *inode = inode_create(mode);

	if (!inode)
		return NULL;
	inode->ino = ino_of(pid, id);
	inode->dev = FS_PROC;
	inode->nlink = S_ISDIR(mode) ? 2 : 1;
	inode->dynamic = dynamic;
	inode->private = (void *)entry;
	if (S_ISDIR(mode))
		inode->ops = &directory_ops;
	else if (S_ISREG(mode))
		inode->ops = &proc_text_ops;
	return inode;
}

int proc_pid_of(const struct inode *inode)
{
	return (inode->ino - PROC_INO) / PROC_IDS;
}

unsigned proc_id_of(const struct inode *inode)
{
	return inode->ino % PROC_IDS;
}

int proc_number(const char *name, size_t len)
{
	int n = 0;

	if (!len || len > 9 || (name[0] == '0' && len > 1))
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -1;
		n = n * 10 + name[i] - '0';
	}
	return n;
}

int proc_dir_lookup(const struct proc_dir *dir, int pid, const char *name, size_t len,
		    struct inode **out)
{
	for (size_t i = 0; i < dir->n; i++) {
		const struct proc_entry *e = &dir->entry[i];

		if (strlen(e->name) != len || memcmp(e->name, name, len))
			continue;
		*out = proc_inode(pid, dir->first_id + i, e->mode, e->dynamic, e);
		return *out ? 0 : -ENOMEM;
	}
	return -ENOENT;
}

bool proc_dir_entry(const struct proc_dir *dir, int pid, uint64_t *cursor, struct dir_entry *out)
{
	const struct proc_entry *e = &dir->entry[*cursor];

	if (*cursor >= dir->n)
		return false;
	out->ino = ino_of(pid, dir->first_id + *cursor);
	out->type = e->mode & S_IFMT;
	strlcpy(out->name, e->name, sizeof(out->name));
	++*cursor;
	return true;
}

static const struct proc_dir *table_of(struct inode *dir)
{
	return ((const struct proc_entry *)dir->private)->dir;
}

static int table_lookup(struct inode *dir, const char *name, size_t len, struct inode **out)
{
	return proc_dir_lookup(table_of(dir), proc_pid_of(dir), name, len, out);
}

static bool table_entry(struct inode *dir, uint64_t *cursor, struct dir_entry *out)
{
	return proc_dir_entry(table_of(dir), proc_pid_of(dir), cursor, out);
}

const struct dynamic_ops proc_table_ops = { .lookup = table_lookup, .entry = table_entry };

static int root_lookup(struct inode *dir, const char *name, size_t len, struct inode **out)
{
	int pid = proc_number(name, len);

	if (pid > 0)
		return proc_pid_inode(pid, out);
	return proc_dir_lookup(&proc_system_dir, 0, name, len, out);
}

/* The processes come behind the fixed entries, each at the cursor n + pid. */
static bool root_entry(struct inode *dir, uint64_t *cursor, struct dir_entry *out)
{
	struct process *p;

	if (proc_dir_entry(&proc_system_dir, 0, cursor, out))
		return true;
	/* lseek sets any 63 bits: they must not be cut down to a number that exists. */
	if (*cursor - proc_system_dir.n >= PID_MAX)
		return false;
	p = process_next(*cursor - proc_system_dir.n);
	if (!p)
		return false;
	out->ino = ino_of(p->pid, PROC_ID_SELF);
	out->type = S_IFDIR;
	snprintf(out->name, sizeof(out->name), "%d", p->pid);
	*cursor = proc_system_dir.n + p->pid + 1;
	process_put(p);
	return true;
}

static const struct dynamic_ops root_ops = { .lookup = root_lookup, .entry = root_entry };

void proc_init(void)
{
	struct inode *inode = proc_inode(0, PROC_ID_ROOT, S_IFDIR | 0555, &root_ops, NULL);
	struct walk w;
	int err;

	if (!inode)
		fatal("out of memory while making /proc");
	inode->nlink = 0;	/* tree_add counts */
	err = at_walk(&w, AT_FDCWD, "/proc", WALK_MISSING) ?: tree_add(&w, inode, NULL);
	at_end(&w);
	inode_put(inode);
	if (err)
		fatal("out of memory while making /proc");
}

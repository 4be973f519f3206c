/* SPDX-License-Identifier: MIT */
/* /proc/PID: its entries, and the links to the program, the working directory and the root. */
#include <asm/errno.h>
#include <linux/limits.h>
#include "kernel/fs/at.h"
#include "kernel/fs/file.h"
#include "kernel/fs/mode.h"
#include "kernel/fs/proc_info.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/mm.h"

static int show_mounts(struct proc_text *t, int pid)
{
	proc_printf(t, "tmpfs / tmpfs rw 0 0\nproc /proc proc rw 0 0\n");
	return 0;
}

static int exe_follow(struct inode *link, struct dentry **out)
{
	struct mm *mm = proc_get_mm(proc_pid_of(link));

	*out = mm && mm->exe ? mm->exe->dentry : NULL;
	if (*out)
		dentry_get(*out);
	if (mm)
		mm_put(mm);
	return *out ? 0 : -ENOENT;
}

static int cwd_follow(struct inode *link, struct dentry **out)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	struct process *p = process_find(proc_pid_of(link));
	struct fs_context *fs = p ? p->fs : NULL;

	if (fs)
		fs_context_get(fs);
	spin_unlock_irqrestore(&process_lock, flags);
	if (!fs)
		return -ENOENT;
	*out = fs_context_cwd(fs);
	fs_context_put(fs);
	return 0;
}

static int root_follow(struct inode *link, struct dentry **out)
{
	*out = root_dentry;
	dentry_get(*out);
	return 0;
}

/* The text of a link that follows to a name is that name's path. */
static long path_readlink(struct inode *link, char *buf, size_t size)
{
	struct dentry *target;
	char *path;
	long n = link->dynamic->follow(link, &target);

	if (n)
		return n;
	path = kmalloc(PATH_MAX);
	n = path ? fs_path_of(target, path, PATH_MAX) : -ENOMEM;
	if (n > 0) {
		n = MIN((size_t)n, size);
		memcpy(buf, path, n);
	}
	kfree(path);
	dentry_put(target);
	return n;
}

static const struct dynamic_ops exe_ops = { .readlink = path_readlink, .follow = exe_follow };
static const struct dynamic_ops cwd_ops = { .readlink = path_readlink, .follow = cwd_follow };
static const struct dynamic_ops root_link_ops = {
	.readlink = path_readlink, .follow = root_follow,
};

#define FILE_ENTRY(name_, show_) { .name = name_, .mode = S_IFREG | 0444, .show = show_ }
#define LINK_ENTRY(name_, ops_) { .name = name_, .mode = S_IFLNK | 0777, .dynamic = ops_ }

static const struct proc_entry entries[] = {
	FILE_ENTRY("auxv", proc_show_auxv),
	FILE_ENTRY("cmdline", proc_show_cmdline),
	FILE_ENTRY("comm", proc_show_comm),
	LINK_ENTRY("cwd", &cwd_ops),
	FILE_ENTRY("environ", proc_show_environ),
	LINK_ENTRY("exe", &exe_ops),
	{ .name = "fd", .mode = S_IFDIR | 0500, .dynamic = &proc_fd_ops },
	FILE_ENTRY("maps", proc_show_maps),
	FILE_ENTRY("mounts", show_mounts),
	LINK_ENTRY("root", &root_link_ops),
	FILE_ENTRY("stat", proc_show_stat),
	FILE_ENTRY("statm", proc_show_statm),
	FILE_ENTRY("status", proc_show_status),
};
static const struct proc_dir pid_dir = { entries, ARRAY_SIZE(entries), PROC_ID_SELF + 1 };

/* Looked up in, the directory of a process that is gone has nothing in it any more. */
static bool is_there(const struct inode *dir)
{
	struct process *p = proc_get_process(proc_pid_of(dir));

	if (p)
		process_put(p);
	return p;
}

static int pid_lookup(struct inode *dir, const char *name, size_t len, struct inode **out)
{
	if (!is_there(dir))
		return -ENOENT;
	return proc_dir_lookup(&pid_dir, proc_pid_of(dir), name, len, out);
}

static bool pid_entry(struct inode *dir, uint64_t *cursor, struct dir_entry *out)
{
	return is_there(dir) && proc_dir_entry(&pid_dir, proc_pid_of(dir), cursor, out);
}

static const struct dynamic_ops pid_ops = { .lookup = pid_lookup, .entry = pid_entry };

int proc_pid_inode(int pid, struct inode **out)
{
	struct process *p = proc_get_process(pid);

	if (!p)
		return -ENOENT;
	process_put(p);
	*out = proc_inode(pid, PROC_ID_SELF, S_IFDIR | 0555, &pid_ops, NULL);
	return *out ? 0 : -ENOMEM;
}

/* SPDX-License-Identifier: MIT */
/* What the file system is before an archive is unpacked: the root, /dev, /proc, /tmp. */
#include <linux/fcntl.h>
#include "kernel/debug/panic.h"
#include "kernel/fs/at.h"
#include "kernel/fs/devices.h"
#include "kernel/fs/files_table.h"
#include "kernel/fs/mode.h"
#include "kernel/fs/proc.h"
#include "kernel/fs/regular.h"
#include "kernel/fs/tree.h"
#include "kernel/fs/tty.h"

static void make_root(void)
{
	struct inode *inode = inode_create(S_IFDIR | 0755);

	if (!inode)
		fatal("out of memory while making the root directory");
	inode->ops = &directory_ops;
	inode->nlink = 2;
	root_dentry = dentry_create(NULL, "", 0, inode);
	if (!root_dentry)
		fatal("out of memory while making the root directory");
	inode_put(inode);
}

static void make_directory(const char *path, uint32_t mode)
{
	struct walk w;
	int err = at_walk(&w, AT_FDCWD, path, WALK_MISSING);

	if (!err)
		err = tree_make(&w, S_IFDIR | mode, 0, NULL);
	at_end(&w);
	if (err)
		fatal("out of memory while making %s", path);
}

/* What udev makes elsewhere. */
static void make_link(const char *path, const char *target)
{
	struct walk w;
	int err = at_walk(&w, AT_FDCWD, path, WALK_MISSING);

	if (!err)
		err = tree_symlink(&w, target);
	at_end(&w);
	if (err)
		fatal("out of memory while making %s", path);
}

void fs_init(void)
{
	make_root();
	make_directory("/dev", 0755);
	make_directory("/tmp", 01777);
	devices_init();
	make_link("/dev/fd", "/proc/self/fd");
	make_link("/dev/stdin", "/proc/self/fd/0");
	make_link("/dev/stdout", "/proc/self/fd/1");
	make_link("/dev/stderr", "/proc/self/fd/2");
	proc_init();
	tty_init();
}

int fs_open_console(struct files *files)
{
	struct file *file;
	int err = fs_open("/dev/console", O_RDWR, 0, &file);

	if (err)
		return err;
	for (unsigned fd = 0; fd < 3; fd++) {
		file_get(file);
		*files_slot(files, fd) = file;
		files_mark(files->used, fd, true);
		files_mark(files->cloexec, fd, false);
	}
	file_put(file);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Regular files: the calls on an open one, and unnamed ones for shared memory. */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include "kernel/cpu/clock.h"
#include "kernel/fs/contents.h"
#include "kernel/fs/file.h"
#include "kernel/fs/mode.h"
#include "kernel/fs/regular.h"

/* As Linux's relatime: a read shows once after each change, not every time. */
static void note_access(struct inode *inode)
{
	if (inode->atime <= inode->mtime)
		inode->atime = clock_realtime_ns();
}

static long regular_read(struct file *file, struct iobuf buf, size_t n, uint64_t *pos)
{
	long ret = contents_read(file->inode, buf, n, *pos);

	if (ret > 0) {
		*pos += ret;
		note_access(file->inode);
	}
	return ret;
}

static long regular_write(struct file *file, struct iobuf buf, size_t n, uint64_t *pos)
{
	struct inode *inode = file->inode;
	uint64_t at = *pos;
	long ret;

	mutex_lock(&inode->write_lock);
	if (file->flags & O_APPEND)
		at = inode->size;
	ret = contents_write(inode, buf, n, at);
	mutex_unlock(&inode->write_lock);
	if (ret > 0)
		*pos = at + ret;	/* what wrote nothing moves nothing */
	return ret;
}

const struct file_ops regular_ops = {
	.read = regular_read,
	.write = regular_write,
};

struct file *shmem_file_create(size_t size)
{
	struct inode *inode = inode_create(S_IFREG | 0600);
	struct file *file;

	if (!inode)
		return NULL;
	inode->ops = &regular_ops;
	inode->size = size;
	file = file_create(inode, NULL, O_RDWR);
	inode_put(inode);
	return file;
}

/* SPDX-License-Identifier: MIT */
/* Open files. */
#include "kernel/debug/panic.h"
#include "kernel/fs/dentry.h"
#include "kernel/fs/file.h"
#include "kernel/fs/mode.h"
#include "kernel/mm/heap.h"

/* Memory devices (major number 1) have positions, terminals have none. */
static bool is_seekable(const struct inode *inode)
{
	uint32_t mode = inode->mode;

	return S_ISREG(mode) || S_ISDIR(mode) || (S_ISCHR(mode) && inode->rdev >> 8 == 1);
}

struct file *file_create(struct inode *inode, struct dentry *dentry, unsigned flags)
{
	struct file *file = kmalloc(sizeof(*file));

	if (!file)
		return NULL;
	inode_get(inode);
	if (dentry)
		dentry_get(dentry);
	*file = (struct file){
		.refs = 1,
		.flags = flags,
		.seekable = is_seekable(inode),
		.inode = inode,
		.dentry = dentry,
		.ops = inode->ops,
	};
	mutex_init(&file->pos_lock, "file position", RANK_FILE_POS);
	return file;
}

void file_put(struct file *file)
{
	uint32_t left = __atomic_sub_fetch(&file->refs, 1, __ATOMIC_ACQ_REL);

	ASSERT(left != UINT32_MAX, "FS-2");
	if (left)
		return;
	if (file->ops && file->ops->release)
		file->ops->release(file);
	if (file->dentry)
		dentry_put(file->dentry);
	inode_put(file->inode);
	kfree(file);
}

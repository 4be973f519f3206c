/* SPDX-License-Identifier: MIT */
/* Working directory and umask of a process. */
#include "kernel/fs/at.h"
#include "kernel/fs/file.h"
#include "kernel/mm/heap.h"
#include "kernel/process/process.h"

struct fs_context {
	uint32_t refs;			/* atomic */
	struct spinlock lock;		/* RANK_FS_CONTEXT: all below */
	struct dentry *cwd;		/* with a reference */
	unsigned umask;
};

static struct fs_context *create(struct dentry *cwd, unsigned umask)
{
	struct fs_context *fs = kmalloc(sizeof(*fs));

	if (!fs)
		return NULL;
	*fs = (struct fs_context){ .refs = 1, .cwd = cwd, .umask = umask };
	spin_init(&fs->lock, "fs context", RANK_FS_CONTEXT);
	dentry_get(cwd);
	return fs;
}

struct fs_context *fs_context_create(void)
{
	return create(root_dentry, 022);
}

struct fs_context *fs_context_copy(struct fs_context *from)
{
	struct dentry *cwd = fs_context_cwd(from);
	struct fs_context *fs = create(cwd, from->umask);

	dentry_put(cwd);
	return fs;
}

void fs_context_get(struct fs_context *fs)
{
	__atomic_fetch_add(&fs->refs, 1, __ATOMIC_RELAXED);
}

void fs_context_put(struct fs_context *fs)
{
	if (__atomic_sub_fetch(&fs->refs, 1, __ATOMIC_ACQ_REL))
		return;
	dentry_put(fs->cwd);
	kfree(fs);
}

struct dentry *fs_context_cwd(struct fs_context *fs)
{
	struct dentry *cwd;

	spin_lock(&fs->lock);
	cwd = fs->cwd;
	dentry_get(cwd);
	spin_unlock(&fs->lock);
	return cwd;
}

static struct fs_context *own(void)
{
	struct process *p = current_process();

	return p ? p->fs : NULL;
}

struct dentry *fs_cwd(void)
{
	struct fs_context *fs = own();

	if (fs)
		return fs_context_cwd(fs);
	dentry_get(root_dentry);
	return root_dentry;
}

void fs_set_cwd(struct dentry *dir)
{
	struct fs_context *fs = own();
	struct dentry *old;

	dentry_get(dir);
	spin_lock(&fs->lock);
	old = fs->cwd;
	fs->cwd = dir;
	spin_unlock(&fs->lock);
	dentry_put(old);
}

unsigned fs_umask(void)
{
	struct fs_context *fs = own();

	return fs ? READ_ONCE(fs->umask) : 0;
}

unsigned fs_set_umask(unsigned mask)
{
	return __atomic_exchange_n(&own()->umask, mask & 0777, __ATOMIC_RELAXED);
}

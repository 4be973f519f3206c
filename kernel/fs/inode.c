/* SPDX-License-Identifier: MIT */
/* Inodes: their lifetime, and the frames of regular files. */
#include <asm/errno.h>
#include "kernel/cpu/clock.h"
#include "kernel/debug/panic.h"
#include "kernel/fs/contents.h"
#include "kernel/fs/inode.h"
#include "kernel/fs/mode.h"
#include "kernel/fs/page_tree.h"
#include "kernel/fs/pipe.h"
#include "kernel/mm/heap.h"

static uint64_t last_ino;

struct inode *inode_create(uint32_t mode)
{
	struct inode *inode = kzalloc(sizeof(*inode));

	if (!inode)
		return NULL;
	inode->ino = __atomic_add_fetch(&last_ino, 1, __ATOMIC_RELAXED);
	inode->refs = 1;
	inode->mode = mode;
	inode->dev = FS_TREE;
	inode->atime = inode->mtime = inode->ctime = clock_realtime_ns();
	spin_init(&inode->lock, "inode", RANK_INODE);
	mutex_init(&inode->write_lock, "inode write", RANK_INODE_WRITE);
	return inode;
}

void inode_get(struct inode *inode)
{
	__atomic_fetch_add(&inode->refs, 1, __ATOMIC_RELAXED);
}

void inode_put(struct inode *inode)
{
	uint32_t left = __atomic_sub_fetch(&inode->refs, 1, __ATOMIC_ACQ_REL);

	ASSERT(left != UINT32_MAX, "FS-2");
	if (left)
		return;
	page_tree_cut(&inode->pages, 0);
	if (S_ISFIFO(inode->mode))
		pipe_destroy(inode);
	if (S_ISLNK(inode->mode) && !inode->dynamic)
		kfree(inode->private);
	kfree(inode);
}

/* With a reference; 0 for a hole. */
static phys_t frame_at(struct inode *inode, uint64_t index)
{
	phys_t frame = page_tree_get(inode->pages, index);

	if (frame)
		frame_get(frame);
	return frame;
}

phys_t inode_find_page(struct inode *inode, uint64_t index)
{
	phys_t frame;

	spin_lock(&inode->lock);
	frame = frame_at(inode, index);
	spin_unlock(&inode->lock);
	return frame;
}

/* With the lock held. */
static bool is_beyond(const struct inode *inode, uint64_t index)
{
	return index >= (inode->size + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

int inode_add_page(struct inode *inode, uint64_t index, phys_t *frame, bool grow)
{
	phys_t *slot;

	spin_lock(&inode->lock);
	/* The file may have been cut since a fault looked: such a page would come back later. */
	if (!grow && is_beyond(inode, index)) {
		spin_unlock(&inode->lock);
		return -ENXIO;
	}
	slot = page_tree_slot(&inode->pages, index);
	if (slot && *slot) {
		frame_put(*frame);
		*frame = *slot;
	} else if (slot) {
		*slot = *frame;
	}
	if (slot)
		frame_get(*frame);
	spin_unlock(&inode->lock);
	return slot ? 0 : -ENOMEM;
}

int inode_get_page(struct inode *inode, uint64_t index, bool create, phys_t *frame)
{
	bool beyond;
	int err;

	spin_lock(&inode->lock);
	*frame = frame_at(inode, index);
	beyond = is_beyond(inode, index);
	spin_unlock(&inode->lock);
	if (beyond) {
		if (*frame)
			frame_put(*frame);
		return -ENXIO;
	}
	if (*frame || !create)
		return 0;
	*frame = frame_alloc_zeroed();
	if (!*frame)
		return -ENOMEM;
	err = inode_add_page(inode, index, frame, false);
	if (err)
		frame_put(*frame);
	return err;
}

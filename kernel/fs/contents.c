/* SPDX-License-Identifier: MIT */
/*
 * Reading, writing and cutting the contents of regular files.
 *
 * Copies from and to programs may fault and sleep, so they happen on a referenced frame
 * with no spinlock held.  A new page is filled before it is added to the file: nobody can
 * see what its frame held before.
 */
#include <asm/errno.h>
#include "kernel/cpu/clock.h"
#include "kernel/fs/contents.h"
#include "kernel/fs/page_tree.h"
#include "kernel/mm/unmap_file.h"

static uint64_t size_of(struct inode *inode)
{
	return __atomic_load_n(&inode->size, __ATOMIC_ACQUIRE);
}

long contents_read(struct inode *inode, struct iobuf buf, size_t n, uint64_t pos)
{
	size_t done = 0;

	while (done < n) {
		uint64_t size = size_of(inode);
		size_t offset = pos & ~PAGE_MASK, left;
		size_t chunk = MIN(n - done, PAGE_SIZE - offset);
		phys_t frame;

		if (pos >= size)
			break;
		chunk = MIN(chunk, size - pos);
		frame = inode_find_page(inode, pos >> PAGE_SHIFT);
		if (frame) {
			left = iobuf_store(buf, done, (char *)phys_to_virt(frame) + offset, chunk);
			frame_put(frame);
		} else {
			left = iobuf_clear(buf, done, chunk);
		}
		done += chunk - left;
		pos += chunk - left;
		if (left)
			return done ? (long)done : -EFAULT;
		if (cond_resched())
			break;
	}
	return done;
}

/*
 * A page that the file does not have yet: bytes around the chunk, and what cannot be
 * copied, are zero.
 */
static long write_new_page(struct inode *inode, struct iobuf buf, size_t done, uint64_t pos,
			   size_t chunk)
{
	size_t offset = pos & ~PAGE_MASK, left;
	phys_t frame = frame_alloc(), mine = frame;
	char *page = phys_to_virt(frame);

	if (!frame)
		return -ENOMEM;
	left = iobuf_fetch(page + offset, buf, done, chunk);
	chunk -= left;
	memset(page, 0, offset);
	memset(page + offset + chunk, 0, PAGE_SIZE - offset - chunk);
	if (!chunk) {
		frame_put(frame);
		return -EFAULT;
	}
	/* Kept alive across the call, as a mapping's fault may have put another page there. */
	frame_get(mine);
	if (inode_add_page(inode, pos >> PAGE_SHIFT, &frame, true)) {
		frame_put(mine);
		frame_put(mine);
		return -ENOMEM;
	}
	if (frame != mine)
		memcpy((char *)phys_to_virt(frame) + offset, page + offset, chunk);
	frame_put(mine);
	frame_put(frame);
	return chunk;
}

static long write_chunk(struct inode *inode, struct iobuf buf, size_t done, uint64_t pos,
			size_t chunk)
{
	phys_t frame = inode_find_page(inode, pos >> PAGE_SHIFT);
	size_t left;

	if (!frame)
		return write_new_page(inode, buf, done, pos, chunk);
	left = iobuf_fetch((char *)phys_to_virt(frame) + (pos & ~PAGE_MASK), buf, done, chunk);
	frame_put(frame);
	return left < chunk ? (long)(chunk - left) : -EFAULT;
}

long contents_write(struct inode *inode, struct iobuf buf, size_t n, uint64_t pos)
{
	size_t done = 0;
	long ret = 0;

	if (n && pos >= FILE_SIZE_MAX)
		return -EFBIG;
	n = MIN(n, FILE_SIZE_MAX - pos);
	while (done < n) {
		size_t chunk = MIN(n - done, PAGE_SIZE - (pos & ~PAGE_MASK));

		ret = write_chunk(inode, buf, done, pos, chunk);
		if (ret < 0)
			break;
		done += ret;
		pos += ret;
		/* Only holders of write_lock change it, so no other value gets lost. */
		if (pos > inode->size)
			__atomic_store_n(&inode->size, pos, __ATOMIC_RELEASE);
		if ((size_t)ret < chunk || cond_resched())
			break;
	}
	if (done)
		inode->mtime = inode->ctime = clock_realtime_ns();
	return done ? (long)done : ret;
}

/* Cuts or extends by a hole, with write_lock held.  -ENOMEM */
static int contents_truncate(struct inode *inode, uint64_t size)
{
	size_t tail = size & ~PAGE_MASK;
	phys_t frame;

	spin_lock(&inode->lock);
	if (size < inode->size) {
		page_tree_cut(&inode->pages, (size + PAGE_SIZE - 1) >> PAGE_SHIFT);
		frame = tail ? page_tree_get(inode->pages, size >> PAGE_SHIFT) : 0;
		if (frame)
			memset((char *)phys_to_virt(frame) + tail, 0, PAGE_SIZE - tail);
	}
	__atomic_store_n(&inode->size, size, __ATOMIC_RELEASE);
	spin_unlock(&inode->lock);
	inode->mtime = inode->ctime = clock_realtime_ns();
	return 0;
}

long inode_read(struct inode *inode, void *buf, size_t n, uint64_t pos)
{
	return contents_read(inode, iobuf_kernel(buf), n, pos);
}

long inode_write(struct inode *inode, const void *buf, size_t n, uint64_t pos)
{
	long ret;

	mutex_lock(&inode->write_lock);
	ret = contents_write(inode, iobuf_kernel(buf), n, pos);
	mutex_unlock(&inode->write_lock);
	return ret;
}

int inode_truncate(struct inode *inode, uint64_t size)
{
	int err;

	mutex_lock(&inode->write_lock);
	err = contents_truncate(inode, size);
	if (!err)
		unmap_file(inode, size);
	mutex_unlock(&inode->write_lock);
	return err;
}

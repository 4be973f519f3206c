/* SPDX-License-Identifier: MIT */
/* Descriptor tables as a whole: made, copied, looked through, and what exec closes. */
#include "kernel/debug/panic.h"
#include "kernel/fs/files_table.h"
#include "kernel/mm/heap.h"

bool files_add_block(struct files *files)
{
	struct file **block = files->nblocks ? kmalloc(BLOCK * sizeof(*block)) : files->first;

	if (!block)
		return false;
	files->used[files->nblocks] = files->cloexec[files->nblocks] = 0;
	files->block[files->nblocks++] = block;
	return true;
}

struct files *files_create(void)
{
	struct files *files = kmalloc(sizeof(*files));

	if (!files)
		return NULL;
	files->refs = 1;
	spin_init(&files->lock, "files", RANK_FILES);
	files->nblocks = 0;
	files_add_block(files);
	return files;
}

/* Reserved descriptors are another thread's affair and stay behind. */
static void copy_block(struct files *to, struct files *from, unsigned b)
{
	for (uint64_t left = from->used[b]; left; left &= left - 1) {
		unsigned fd = b * BLOCK + __builtin_ctzll(left);
		struct file *file = *files_slot(from, fd);

		if (!file)
			continue;
		file_get(file);
		*files_slot(to, fd) = file;
		files_mark(to->used, fd, true);
	}
	to->cloexec[b] = from->cloexec[b] & to->used[b];
}

struct files *files_copy(struct files *from)
{
	struct files *to = files_create();
	bool ok = to;

	if (!to)
		return NULL;
	spin_lock(&from->lock);
	for (unsigned b = 0; b < from->nblocks && ok; b++) {
		ok = b < to->nblocks || files_add_block(to);
		if (ok)
			copy_block(to, from, b);
	}
	spin_unlock(&from->lock);
	if (ok)
		return to;
	files_put(to);
	return NULL;
}

void files_get(struct files *files)
{
	__atomic_fetch_add(&files->refs, 1, __ATOMIC_RELAXED);
}

void files_put(struct files *files)
{
	uint32_t left = __atomic_sub_fetch(&files->refs, 1, __ATOMIC_ACQ_REL);

	ASSERT(left != UINT32_MAX, "FS-2");
	if (left)
		return;
	for (unsigned b = 0; b < files->nblocks; b++) {
		for (uint64_t used = files->used[b]; used; used &= used - 1) {
			struct file *file = files->block[b][__builtin_ctzll(used)];

			if (file)
				file_put(file);
		}
		if (b)
			kfree(files->block[b]);
	}
	kfree(files);
}

/*
 * Closes the descriptors of one block that mask has; outside the lock, as release may take
 * others.
 */
static void close_masked(struct files *files, unsigned b, uint64_t mask)
{
	struct file *file;

	for (; mask; mask &= mask - 1) {
		file = fd_take(files, b * BLOCK + __builtin_ctzll(mask));
		if (file)
			file_put(file);
	}
}

void files_close_on_exec(struct files *files)
{
	for (unsigned b = 0; b < files->nblocks; b++)
		close_masked(files, b, files->used[b] & files->cloexec[b]);
}

/* The bits of block b that are in first..last. */
static uint64_t range_mask(unsigned b, unsigned first, unsigned last)
{
	uint64_t mask = ~0ull;

	if (first / BLOCK == b)
		mask &= ~0ull << first % BLOCK;
	if (last / BLOCK == b)
		mask &= ~0ull >> (BLOCK - 1 - last % BLOCK);
	return mask;
}

void files_close_range(struct files *files, unsigned first, unsigned last, bool only_mark)
{
	unsigned end = files->nblocks * BLOCK;

	if (first >= end)
		return;
	last = MIN(last, end - 1);
	for (unsigned b = first / BLOCK; b <= last / BLOCK; b++) {
		uint64_t mask = range_mask(b, first, last);

		if (!only_mark) {
			close_masked(files, b, files->used[b] & mask);
			continue;
		}
		spin_lock(&files->lock);
		files->cloexec[b] |= files->used[b] & mask;
		spin_unlock(&files->lock);
	}
}

int files_next(struct files *files, unsigned from, struct file **file)
{
	int found = -1;

	spin_lock(&files->lock);
	for (unsigned fd = from; fd < files->nblocks * BLOCK && found < 0; fd++) {
		if (!files_used(files, fd) || !*files_slot(files, fd))
			continue;
		*file = *files_slot(files, fd);
		file_get(*file);
		found = fd;
	}
	spin_unlock(&files->lock);
	return found;
}

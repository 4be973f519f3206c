/* SPDX-License-Identifier: MIT */
/*
 * Descriptor tables: a bitmap of used numbers, a bitmap of those to close on exec, and the files in
 * blocks of 64, the first inside the table itself.  Blocks never move, and a
 * slot means something only while its bit is set, so nothing needs to be cleared beforehand.
 *
 * Only members of a table change it: the threads of the processes that refs counts.  So the only
 * thread of the only process may look into it without the lock; /proc, which looks from outside,
 * takes the lock and only reads.
 */
#pragma once

#include "kernel/fs/fd.h"

#define BLOCK  64u
#define BLOCKS (FILES_MAX / BLOCK)

struct files {
	uint32_t refs;			/* atomic */
	struct spinlock lock;		/* RANK_FILES: all below */
	unsigned nblocks;		/* bitmap words and blocks that exist */
	uint64_t used[BLOCKS], cloexec[BLOCKS];
	struct file **block[BLOCKS];
	struct file *first[BLOCK];	/* NULL in a used slot: reserved */
};

static inline bool files_used(const struct files *files, unsigned fd)
{
	return fd < files->nblocks * BLOCK && files->used[fd / BLOCK] >> fd % BLOCK & 1;
}

static inline struct file **files_slot(struct files *files, unsigned fd)
{
	return &files->block[fd / BLOCK][fd % BLOCK];
}

static inline void files_mark(uint64_t *map, unsigned fd, bool on)
{
	uint64_t bit = 1ull << fd % BLOCK;

	map[fd / BLOCK] = on ? map[fd / BLOCK] | bit : map[fd / BLOCK] & ~bit;
}

/* One more block; with the lock held unless the table is new. */
bool files_add_block(struct files *files);

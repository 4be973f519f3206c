/* SPDX-License-Identifier: MIT */
/* The pages of a file: a radix tree of frames, 64-ary, as high as the largest index needs. */
#pragma once

#include "kernel/mm/frames.h"

struct page_tree;

/* Any of these under the inode's lock. */
/* 0: hole.  tree may be NULL. */
phys_t page_tree_get(const struct page_tree *tree, uint64_t index);
/* Where the frame for index is kept; makes the tree and its nodes.  NULL: out of memory. */
phys_t *page_tree_slot(struct page_tree **tree, uint64_t index);
/* Drops the frames from index first on; first 0 also frees the tree itself. */
void page_tree_cut(struct page_tree **tree, uint64_t first);
/* Frames in it, for st_blocks. */
uint64_t page_tree_count(const struct page_tree *tree);

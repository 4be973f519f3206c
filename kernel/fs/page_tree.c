/* SPDX-License-Identifier: MIT */
/*
 * The pages of a file.  A tree of height 0 is a single frame, so a file of up to a page
 * costs no node; each level above multiplies the reach by 64.
 */
#include "kernel/debug/panic.h"
#include "kernel/fs/page_tree.h"
#include "kernel/mm/heap.h"

#define BITS  6
#define SLOTS (1u << BITS)
/* File sizes end below 2^63, page numbers below 2^51, so this height always suffices. */
#define MAX_HEIGHT 9

struct node {
	uint64_t slot[SLOTS];	/* frames at the lowest level, struct node * above; 0: nothing */
};

struct page_tree {
	uint64_t root;		/* height 0: the frame of index 0 */
	unsigned height;
	uint64_t count;
};

static unsigned slot_of(uint64_t index, unsigned level)
{
	return index >> (BITS * level) & (SLOTS - 1);
}

static bool reaches(const struct page_tree *tree, uint64_t index)
{
	return !(index >> (BITS * tree->height));
}

phys_t page_tree_get(const struct page_tree *tree, uint64_t index)
{
	uint64_t p;

	if (!tree || !reaches(tree, index))
		return 0;
	p = tree->root;
	for (unsigned level = tree->height; level && p; level--)
		p = ((struct node *)p)->slot[slot_of(index, level - 1)];
	return p;
}

static bool grow(struct page_tree *tree, uint64_t index)
{
	while (!reaches(tree, index)) {
		if (tree->root) {
			struct node *top = kzalloc(sizeof(*top));

			if (!top)
				return false;
			top->slot[0] = tree->root;
			tree->root = (uint64_t)top;
		}
		tree->height++;
		ASSERT(tree->height <= MAX_HEIGHT, "FS-1");
	}
	return true;
}

/* The caller fills an empty slot at once, so it is counted here. */
phys_t *page_tree_slot(struct page_tree **treep, uint64_t index)
{
	struct page_tree *tree = *treep;
	uint64_t *p;

	if (!tree) {
		tree = *treep = kzalloc(sizeof(*tree));
		if (!tree)
			return NULL;
	}
	if (!grow(tree, index))
		return NULL;
	p = &tree->root;
	for (unsigned level = tree->height; level; level--) {
		if (!*p) {
			*p = (uint64_t)kzalloc(sizeof(struct node));
			if (!*p)
				return NULL;
		}
		p = &((struct node *)*p)->slot[slot_of(index, level - 1)];
	}
	if (!*p)
		tree->count++;
	return p;
}

/* Cuts what *p holds from index first (relative to it) on; an empty node goes too. */
static void cut(struct page_tree *tree, uint64_t *p, unsigned level, uint64_t first)
{
	struct node *node = (struct node *)*p;
	uint64_t below;

	if (!*p)
		return;
	if (!level) {
		frame_put(*p);
		tree->count--;
		*p = 0;
		return;
	}
	below = 1ull << (BITS * (level - 1));
	for (uint64_t i = first / below; i < SLOTS; i++)
		cut(tree, &node->slot[i], level - 1, i == first / below ? first % below : 0);
	if (!first) {
		kfree(node);
		*p = 0;
	}
}

void page_tree_cut(struct page_tree **treep, uint64_t first)
{
	struct page_tree *tree = *treep;

	if (!tree)
		return;
	if (reaches(tree, first))
		cut(tree, &tree->root, tree->height, first);
	if (!first) {
		kfree(tree);
		*treep = NULL;
	}
}

uint64_t page_tree_count(const struct page_tree *tree)
{
	return tree ? tree->count : 0;
}

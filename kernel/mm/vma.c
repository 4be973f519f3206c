/* SPDX-License-Identifier: MIT */
/* VMAs: the tree, splitting and joining.  kernel/mm/vma.h has the rules. */
#include <asm/errno.h>
#include <linux/mman.h>
#include "kernel/mm/vma.h"
#include "kernel/fs/file.h"
#include "kernel/mm/heap.h"

static inline int vma_order(const struct vma *a, const struct vma *b)
{
	return (a->start > b->start) - (a->start < b->start);
}

/* For tree.h.  Not in a header: UAPI structures have members of that name. */
#define __unused __attribute__((unused))
RB_GENERATE_STATIC(vma_tree, vma, node, vma_order)

struct vma *vma_find(struct mm *mm, uintptr_t addr)
{
	struct vma *v = RB_ROOT(&mm->vmas), *found = NULL;

	while (v) {
		if (v->end <= addr) {
			v = RB_RIGHT(v, node);
			continue;
		}
		found = v;
		if (v->start <= addr)
			break;
		v = RB_LEFT(v, node);
	}
	return found;
}

/* The last VMA that begins below addr; NULL: none. */
static struct vma *vma_below(struct mm *mm, uintptr_t addr)
{
	struct vma *v = RB_ROOT(&mm->vmas), *found = NULL;

	while (v) {
		if (v->start < addr) {
			found = v;
			v = RB_RIGHT(v, node);
		} else {
			v = RB_LEFT(v, node);
		}
	}
	return found;
}

struct vma *vma_next(struct vma *vma)
{
	return RB_NEXT(vma_tree, &mm->vmas, vma);
}

struct vma *vma_prev(struct vma *vma)
{
	return RB_PREV(vma_tree, &mm->vmas, vma);
}

uintptr_t vma_first_hole(struct mm *mm, uintptr_t start, uintptr_t end)
{
	struct vma *v = vma_find(mm, start);

	while (start < end && v && v->start <= start) {
		start = v->end;
		v = vma_next(v);
	}
	return MIN(start, end);
}

void vma_trim_start(struct vma *vma, uintptr_t start)
{
	if (vma->file)
		vma->offset += start - vma->start;
	vma->start = start;
	/* Everything before the cut was file: then all that is left reads as zero. */
	vma->file_end = MAX(vma->file_end, start);
}

void vma_trim_end(struct vma *vma, uintptr_t end)
{
	vma->end = end;
	vma->file_end = MIN(vma->file_end, end);
}

struct vma *vma_copy(const struct vma *vma)
{
	struct vma *copy = kmalloc(sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *vma;
	if (copy->file)
		file_get(copy->file);
	return copy;
}

int vma_split(struct mm *mm, struct vma *vma, uintptr_t addr)
{
	struct vma *upper = vma_copy(vma);

	if (!upper)
		return -ENOMEM;
	vma_trim_start(upper, addr);
	vma_trim_end(vma, addr);
	RB_INSERT(vma_tree, &mm->vmas, upper);
	return 0;
}

void vma_insert(struct mm *mm, struct vma *vma)
{
	RB_INSERT(vma_tree, &mm->vmas, vma);
}

/* The link of the dead list is a tree link that is no longer in use. */
static void bury(struct vma *vma, struct vma **dead)
{
	RB_RIGHT(vma, node) = *dead;
	*dead = vma;
}

void vma_remove(struct mm *mm, struct vma *vma, struct vma **dead)
{
	RB_REMOVE(vma_tree, &mm->vmas, vma);
	bury(vma, dead);
}

void vma_dispose(struct vma *dead)
{
	while (dead) {
		struct vma *next = RB_RIGHT(dead, node);

		if (dead->file)
			file_put(dead->file);
		kfree(dead);
		dead = next;
	}
}

/* Leaves first; each is cut off its parent, so nothing is re-balanced or visited twice. */
void vma_dispose_all(struct mm *mm)
{
	struct vma *v = RB_ROOT(&mm->vmas);

	while (v) {
		struct vma *parent = RB_PARENT(v, node);

		if (RB_LEFT(v, node)) {
			v = RB_LEFT(v, node);
			continue;
		}
		if (RB_RIGHT(v, node)) {
			v = RB_RIGHT(v, node);
			continue;
		}
		if (parent && RB_LEFT(parent, node) == v)
			RB_LEFT(parent, node) = NULL;
		else if (parent)
			RB_RIGHT(parent, node) = NULL;
		vma_dispose(v);
		v = parent;
	}
	RB_INIT(&mm->vmas);
}

/* True if a, directly below b, could as well be one VMA with it. */
static bool joinable(const struct vma *a, const struct vma *b)
{
	if (a->end != b->start || a->prot != b->prot || a->flags != b->flags || a->file != b->file)
		return false;
	return !a->file || (a->file_end == a->end && a->offset + (a->end - a->start) == b->offset);
}

static void extend_up(struct vma *vma, const struct vma *by)
{
	vma->end = by->end;
	vma->file_end = by->file_end;
}

struct vma *vma_merge(struct mm *mm, struct vma *vma, struct vma **dead)
{
	struct vma *prev = vma_prev(vma), *next = vma_next(vma);

	if (next && joinable(vma, next)) {
		extend_up(vma, next);
		vma_remove(mm, next, dead);
	}
	if (!prev || !joinable(prev, vma))
		return vma;
	extend_up(prev, vma);
	vma_remove(mm, vma, dead);
	return prev;
}

struct vma *vma_enter(struct mm *mm, struct vma *want, struct vma **dead)
{
	struct vma *prev = vma_below(mm, want->start);
	struct vma *next = prev ? vma_next(prev) : RB_MIN(vma_tree, &mm->vmas);

	if (prev && joinable(prev, want)) {
		extend_up(prev, want);
		bury(want, dead);
		return next && joinable(prev, next) ? vma_merge(mm, prev, dead) : prev;
	}
	if (next && joinable(want, next)) {
		/* The key sinks into free space: the order in the tree is what it was. */
		next->start = want->start;
		next->offset = want->offset;
		bury(want, dead);
		return next;
	}
	RB_INSERT(vma_tree, &mm->vmas, want);
	return want;
}

uintptr_t vma_claimed_start(const struct vma *vma)
{
	if (!(vma->flags & MAP_GROWSDOWN))
		return vma->start;
	return vma->start > STACK_GUARD_GAP ? vma->start - STACK_GUARD_GAP : 0;
}

uintptr_t vma_find_gap(struct mm *mm, size_t len, uintptr_t low, uintptr_t high)
{
	uintptr_t end = high;

	for (struct vma *v = vma_below(mm, high);; v = vma_prev(v)) {
		uintptr_t floor = v ? MAX(v->end, low) : low;

		if (floor <= end && end - floor >= len)
			return end - len;
		if (!v || v->end <= low)
			return 0;
		end = MIN(end, vma_claimed_start(v));
	}
}

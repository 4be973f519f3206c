/* SPDX-License-Identifier: MIT */
/*
 * The kernel heap.  Each size class carves single frames into equal objects; what belongs to
 * such a frame (objects in use, first free one) is kept in its struct page, so an object has
 * no header and kfree finds the class from the address.  Frames with room are in a list; one
 * that becomes empty goes back, but each class keeps a single one, carved, as its spare.
 *
 * A free object holds the index of the next one and, in debug builds, a magic word made from
 * its address: it is there while the object is free and wiped when it is handed out, so a
 * double free and a write to freed memory are both seen (HEAP-1).
 */
#include "kernel/mm/heap.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/lock.h"
#include "kernel/lib/string.h"
#include "kernel/mm/frames.h"

#define MIN_SHIFT 4	/* 16 bytes */
#define CLASSES   8	/* ... to 2 KiB */
#define CLASS_FRAME CLASSES
#define MAGIC     0x6665726548656170ul
#define POISON_MAX 64	/* bytes of a freed object that are poisoned: it is on every fast path */

struct free_object {
	uint64_t next;		/* index in its frame */
	uint64_t magic;
};

struct class {
	struct spinlock lock;
	uint32_t partial;	/* frames with room: frame number + 1 */
	uint32_t spare;		/* a frame all of whose objects are free, or 0 */
	size_t used;		/* objects handed out */
} __aligned(64);

#define CLASS { .lock = SPINLOCK("heap", RANK_HEAP) }
static struct class classes[CLASSES] = { CLASS, CLASS, CLASS, CLASS, CLASS, CLASS, CLASS, CLASS };
static size_t whole_frames;	/* atomic: objects above 2 KiB */

static struct page *partial_page(uint32_t link)
{
	return frame_page((phys_t)(link - 1) << PAGE_SHIFT);
}

static void partial_insert(struct class *c, struct page *page, uint32_t link)
{
	page->prev = 0;
	page->next = c->partial;
	if (page->next)
		partial_page(page->next)->prev = link;
	c->partial = link;
}

static void partial_remove(struct class *c, struct page *page)
{
	if (page->next)
		partial_page(page->next)->prev = page->prev;
	if (page->prev)
		partial_page(page->prev)->next = page->next;
	else
		c->partial = page->next;
}

static void mark_free(struct free_object *o)
{
#ifdef CONFIG_DEBUG
	o->magic = MAGIC ^ (uintptr_t)o;
#endif
}

static void mark_used(struct free_object *o)
{
#ifdef CONFIG_DEBUG
	ASSERT(o->magic == (MAGIC ^ (uintptr_t)o), "HEAP-1");
	o->magic = 0;
#endif
}

/* Adds a frame to the class: the spare, or a fresh one. */
static bool class_grow(struct class *c, unsigned class)
{
	if (c->spare) {
		partial_insert(c, partial_page(c->spare), c->spare);
		c->spare = 0;
		__atomic_fetch_sub(&frames_kept, 1, __ATOMIC_RELAXED);
		return true;
	}
	phys_t frame = frame_alloc();

	if (!frame)
		return false;
	struct page *page = frame_page(frame);
	unsigned shift = MIN_SHIFT + class, count = PAGE_SIZE >> shift;
	char *base = phys_to_virt(frame);

	for (unsigned i = 0; i < count; i++) {
		struct free_object *o = (struct free_object *)(base + ((size_t)i << shift));

		o->next = i + 1;
		mark_free(o);
	}
	page->used = 0;
	page->first = 0;
	page->class = class;
	partial_insert(c, page, (frame >> PAGE_SHIFT) + 1);
	return true;
}

static void *class_alloc(unsigned class)
{
	struct class *c = &classes[class];
	unsigned shift = MIN_SHIFT + class;
	struct free_object *o = NULL;

	spin_lock(&c->lock);
	if (likely(c->partial) || class_grow(c, class)) {
		struct page *page = partial_page(c->partial);
		char *base = phys_to_virt((phys_t)(c->partial - 1) << PAGE_SHIFT);

		o = (struct free_object *)(base + ((size_t)page->first << shift));
		mark_used(o);
		page->first = o->next;
		if (++page->used == PAGE_SIZE >> shift)
			partial_remove(c, page);
		c->used++;
	}
	spin_unlock(&c->lock);
	return o;
}

void *kmalloc(size_t size)
{
	ASSERT(size <= PAGE_SIZE, "HEAP-2");
	if (size <= PAGE_SIZE / 2)
		return class_alloc(size > 16 ? 64 - __builtin_clzl(size - 1) - MIN_SHIFT : 0);
	phys_t frame = frame_alloc();

	if (!frame)
		return NULL;
	frame_page(frame)->class = CLASS_FRAME;
	__atomic_fetch_add(&whole_frames, 1, __ATOMIC_RELAXED);
	return phys_to_virt(frame);
}

void *kzalloc(size_t size)
{
	void *p = kmalloc(size);

	/* In whole words: every class is a multiple of them. */
	return p ? memset(p, 0, ALIGN_UP(size, 8)) : NULL;
}

static void poison(struct free_object *o, unsigned shift)
{
#ifdef CONFIG_DEBUG
	ASSERT(o->magic != (MAGIC ^ (uintptr_t)o), "HEAP-1");
	memset(o, 0xdf, MIN(1u << shift, (unsigned)POISON_MAX));
#endif
}

static void class_free(struct free_object *o, struct page *page, phys_t frame)
{
	unsigned class = page->class, shift = MIN_SHIFT + class, count = PAGE_SIZE >> shift;
	struct class *c = &classes[class];
	bool give_back = false;

	ASSERT(((uintptr_t)o & ((1u << shift) - 1)) == 0, "HEAP-1");
	spin_lock(&c->lock);
	poison(o, shift);
	mark_free(o);
	o->next = page->first;
	page->first = ((uintptr_t)o & (PAGE_SIZE - 1)) >> shift;
	if (page->used-- == count)
		partial_insert(c, page, (frame >> PAGE_SHIFT) + 1);
	if (!page->used) {
		partial_remove(c, page);
		give_back = c->spare;
		if (!give_back) {
			c->spare = (frame >> PAGE_SHIFT) + 1;
			__atomic_fetch_add(&frames_kept, 1, __ATOMIC_RELAXED);
		}
	}
	c->used--;
	spin_unlock(&c->lock);
	if (give_back)
		frame_put(frame);
}

void kfree(void *p)
{
	if (!p)
		return;
	phys_t frame = (uintptr_t)p - DIRECT_MAP_BASE;
	phys_t base = ALIGN_DOWN(frame, PAGE_SIZE);
	struct page *page = frame_page(base);

	ASSERT(frame < MEMORY_LIMIT && page->refs == 1 && page->class <= CLASS_FRAME, "HEAP-1");
	if (page->class != CLASS_FRAME) {
		class_free(p, page, base);
		return;
	}
	ASSERT(frame == base, "HEAP-1");
	__atomic_fetch_sub(&whole_frames, 1, __ATOMIC_RELAXED);
	frame_put(frame);
}

size_t kmalloc_in_use(void)
{
	size_t bytes = READ_ONCE(whole_frames) * PAGE_SIZE;

	for (unsigned i = 0; i < CLASSES; i++)
		bytes += READ_ONCE(classes[i].used) << (MIN_SHIFT + i);
	return bytes;
}

/* SPDX-License-Identifier: MIT */
/*
 * The new address space: segments, interpreter, stack area.  The layout is fixed:
 *
 *	0x555555554000 / 0x56555000	position-independent programs
 *	below mm->mmap_top		the dynamic loader, the vDSO, then mmap
 *	mm->stack_top			the stack, downwards
 */
#include <asm/errno.h>
#include <elf.h>
#include <linux/mman.h>
#include "kernel/fs/file.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/mm.h"
#include "kernel/process/exec.h"
#include "kernel/process/vdso.h"

#define PIE_BASE_64 0x555555554000ull
#define PIE_BASE_32 0x56555000ull
#define STACK_ROOM  KIB(128)	/* mapped below the initial contents; the rest grows on demand */

static unsigned prot_of(uint32_t flags)
{
	return (flags & PF_R ? PROT_READ : 0) | (flags & PF_W ? PROT_WRITE : 0) |
	       (flags & PF_X ? PROT_EXEC : 0);
}

/*
 * One mapping for both parts of a segment: file_end is where the file's bytes end and zeroes
 * begin.
 */
static int map_segment(struct mm *mm, const struct elf_segment *s, uint64_t bias, struct file *file)
{
	uintptr_t start = ALIGN_DOWN(s->vaddr + bias, PAGE_SIZE);
	uintptr_t end = ALIGN_UP(s->vaddr + bias + s->memsz, PAGE_SIZE);
	unsigned flags = MAP_PRIVATE | MAP_FIXED | MAP_FIXED_NOREPLACE, prot = prot_of(s->flags);
	int err;

	if (s->filesz == 0)
		err = mm_map(mm, &start, end - start, prot, flags | MAP_ANONYMOUS, NULL, 0, end);
	else
		err = mm_map(mm, &start, end - start, prot, flags, file,
			     ALIGN_DOWN(s->offset, PAGE_SIZE), s->vaddr + bias + s->filesz);
	return err == -EEXIST ? -ENOMEM : err;
}

static int map_segments(struct mm *mm, const struct elf_plan *plan, uint64_t bias,
			struct file *file)
{
	for (unsigned i = 0; i < plan->nsegments; i++) {
		int err = map_segment(mm, &plan->segment[i], bias, file);

		if (err)
			return err;
	}
	return 0;
}

/* A multiple of the largest alignment that a segment asks for. */
static uint64_t program_bias(const struct elf_plan *plan)
{
	uint64_t base = plan->header.is32 ? PIE_BASE_32 : PIE_BASE_64;

	if (!plan->header.dyn)
		return 0;
	return ALIGN_UP(base, plan->align) - ALIGN_DOWN(plan->low, plan->align);
}

/* Finds room for all of the loader by mapping it once as a whole. */
static int interp_bias(struct mm *mm, const struct elf_plan *plan, uint64_t *bias)
{
	uint64_t slack = plan->align - PAGE_SIZE;
	size_t size = plan->high - plan->low + slack;
	uintptr_t at = 0;
	int err;

	*bias = 0;
	if (!plan->header.dyn)
		return 0;
	err = mm_map(mm, &at, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0, 0);
	if (err)
		return err;
	*bias = ALIGN_UP(at, plan->align) - ALIGN_DOWN(plan->low, plan->align);
	return mm_unmap(mm, at, size);
}

static int map_stack(struct exec *e)
{
	struct exec_strings *s = &e->strings;
	size_t pointers = (s->argc + s->envc + 64) * sizeof(uint64_t);
	size_t size = ALIGN_UP(s->bytes + pointers + STACK_ROOM, PAGE_SIZE);
	uintptr_t start = e->mm->stack_top - size;

	return mm_map(e->mm, &start, size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN | VMA_STACK, NULL, 0,
		      e->mm->stack_top);
}

static int map_programs(struct exec *e)
{
	int err;

	e->bias = program_bias(&e->plan);
	e->entry = e->plan.header.entry + e->bias;
	err = map_segments(e->mm, &e->plan, e->bias, e->file);
	if (err || !e->interp)
		return err;
	err = interp_bias(e->mm, &e->interp_plan, &e->interp_bias);
	if (err)
		return err;
	e->entry = e->interp_plan.header.entry + e->interp_bias;
	return map_segments(e->mm, &e->interp_plan, e->interp_bias, e->interp);
}

int exec_build(struct exec *e)
{
	int err;

	e->mm = mm_create(e->plan.header.is32);
	if (!e->mm)
		return -ENOMEM;
	err = map_stack(e);
	if (!err)
		err = map_programs(e);
	if (!err)
		err = vdso_map(e->mm, e->plan.header.is32);
	if (err)
		return err;
	e->mm->brk_start = e->mm->brk = e->plan.high + e->bias;
	file_get(e->file);
	e->mm->exe = e->file;
	return exec_build_stack(e);
}

void exec_free(struct exec *e)
{
	for (unsigned i = 0; i < e->strings.pages; i++)
		kfree(e->strings.page[i]);
	kfree(e->strings.page);
	if (e->file)
		file_put(e->file);
	if (e->interp)
		file_put(e->interp);
	if (e->mm)
		mm_put(e->mm);
	kfree(e);
}

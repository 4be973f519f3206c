/* SPDX-License-Identifier: MIT */
/* The life of an address space: made, forked, loaded into CPUs, freed. */
#include "kernel/mm/mm.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/fs/file.h"
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/ldt.h"
#include "kernel/mm/tlb.h"
#include "kernel/mm/user_tables.h"
#include "kernel/mm/vma.h"

/* Room for the stack, and as much distance to it as Linux keeps. */
#define MMAP_TOP_GAP MIB(128)

struct mm *mm_create(bool compat)
{
	struct mm *mm = kzalloc(sizeof(*mm));

	if (!mm)
		return NULL;
	if (!user_tables_create(mm)) {
		kfree(mm);
		return NULL;
	}
	mutex_init(&mm->lock, "mm", RANK_MM);
	RB_INIT(&mm->vmas);
	mm->refs = 1;
	mm->task_size = compat ? TASK_SIZE_32 : TASK_SIZE_MAX;
	mm->stack_top = mm->task_size;
	mm->mmap_top = mm->task_size - MMAP_TOP_GAP;
	return mm;
}

static void copy_fields(struct mm *child, const struct mm *parent)
{
	child->mmap_top = parent->mmap_top;
	child->brk_start = parent->brk_start;
	child->brk = parent->brk;
	child->arg_start = parent->arg_start;
	child->arg_end = parent->arg_end;
	child->env_start = parent->env_start;
	child->env_end = parent->env_end;
	child->stack_top = parent->stack_top;
	child->vdso = parent->vdso;
	child->landing_pad = parent->landing_pad;
	child->total_pages = parent->total_pages;
	memcpy(child->auxv, parent->auxv, sizeof(child->auxv));
	child->exe = parent->exe;
	if (child->exe)
		file_get(child->exe);
}

static bool copy_vmas(struct mm *child, struct mm *parent)
{
	for (struct vma *v = vma_find(parent, 0); v; v = vma_next(v)) {
		struct vma *copy = vma_copy(v);

		if (!copy)
			return false;
		vma_insert(child, copy);
		if (user_pages_copy(child, parent, copy))
			return false;
	}
	return true;
}

struct mm *mm_fork(struct mm *parent)
{
	struct mm *child = mm_create(parent->task_size == TASK_SIZE_32);

	if (!child)
		return NULL;
	mutex_lock(&parent->lock);
	copy_fields(child, parent);
	bool ok = ldt_copy(child, parent) == 0 && copy_vmas(child, parent);

	/*
	 * Once for all pages, even after a failure.  Until here threads of the parent may have
	 * written through old TLB entries, which is as if they had done it before the fork.
	 */
	tlb_flush_mm(parent, 0, parent->task_size);
	mutex_unlock(&parent->lock);
	if (ok)
		return child;
	mm_put(child);
	return NULL;
}

void mm_get(struct mm *mm)
{
	__atomic_fetch_add(&mm->refs, 1, __ATOMIC_RELAXED);
}

/* The last thread has left mm (mm_switch to another) before its reference goes. */
void mm_put(struct mm *mm)
{
	if (__atomic_fetch_sub(&mm->refs, 1, __ATOMIC_ACQ_REL) != 1)
		return;
	ASSERT(!mm->cpus, "MM-1");
	for (struct vma *v = vma_find(mm, 0); v; v = vma_next(v))
		user_pages_zap(mm, v->start, v->end);
	/* Pages are mapped only inside VMAs, so the tables are empty now. */
	ASSERT(!mm->resident_pages, "MM-2");
	user_tables_free(mm);
	vma_dispose_all(mm);
	ldt_free(mm->ldt);
	if (mm->exe)
		file_put(mm->exe);
	kfree(mm);
}

/*
 * The bit in next->cpus goes up before CR3 is loaded and that of prev goes down after it, so at
 * every moment the mask covers the table that this CPU walks; kernel/mm/tlb.c says why that loses
 * no flush, and no change of the LDT, which is read after the bit is up.  Loading CR3 drops all of
 * prev's entries (user pages are not global).
 */
void mm_switch(struct mm *prev, struct mm *next)
{
	uint64_t me = 1ull << this_cpu(cpu);
	const struct ldt *ldt;

	ASSERT_DEBUG(prev != next, "MM-3");
	ASSERT_DEBUG(!irqs_on(), "MM-3");
	if (next)
		__atomic_fetch_or(&next->cpus, me, __ATOMIC_SEQ_CST);
	write_cr3(next ? next->pml4 : kernel_pml4);
	ldt = next ? __atomic_load_n(&next->ldt, __ATOMIC_RELAXED) : NULL;
	if (unlikely(ldt != this_cpu(ldt)))
		ldt_load(ldt);
	if (prev)
		__atomic_fetch_and(&prev->cpus, ~me, __ATOMIC_RELEASE);
}

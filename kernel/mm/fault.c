/* SPDX-License-Identifier: MIT */
/*
 * Page faults in user memory.  What may be there is the VMA's word; what is there, the page
 * table's; this file makes the second catch up with the first, one page at a time.
 *
 * No flush is needed where an entry appears or gains a right: a CPU that still has the old one
 * in its TLB faults, drops it by that (SDM vol. 3, 4.10.4.1), and finds the new entry.
 */
#include <asm/errno.h>
#include <asm/signal.h>
#include <asm-generic/siginfo.h>
#include "kernel/mm/fault.h"
#include "kernel/fs/file.h"
#include "kernel/lib/string.h"
#include "kernel/mm/tlb.h"
#include "kernel/mm/user_tables.h"
#include "kernel/mm/vma.h"

#define FAULT_OK    ((struct fault_result){ 0, 0 })
#define NO_MEMORY   ((struct fault_result){ SIGKILL, 0 })
#define NO_MAPPING  ((struct fault_result){ SIGSEGV, SEGV_MAPERR })
#define NO_RIGHT    ((struct fault_result){ SIGSEGV, SEGV_ACCERR })
#define BEYOND_FILE ((struct fault_result){ SIGBUS, BUS_ADRERR })

/* What first reads of anonymous memory see.  Never counted, never written: it is in .rodata. */
static const uint8_t zero_page[PAGE_SIZE] __aligned(PAGE_SIZE);

struct fault {
	struct mm *mm;
	const struct vma *vma;
	uintptr_t page;		/* page-aligned address */
	pte_t *pte;
	bool write;
};

static struct fault_result install(struct fault *f, phys_t frame, bool writable)
{
	f->mm->resident_pages++;
	*f->pte = user_pte_value(frame, f->vma->prot, writable);
	return FAULT_OK;
}

/* Memory that reads as zero: shared until it is written to. */
static struct fault_result fault_zero(struct fault *f)
{
	if (!f->write) {
		*f->pte = user_pte_value(virt_to_phys(zero_page), f->vma->prot, false) | PTE_NOREF;
		return FAULT_OK;
	}
	phys_t frame = frame_alloc_zeroed();

	return frame ? install(f, frame, true) : NO_MEMORY;
}

/* A private copy of the first n bytes of a file's frame, zeroes behind; puts that frame. */
static struct fault_result install_copy(struct fault *f, phys_t from, size_t n)
{
	phys_t frame = frame_alloc();

	if (frame) {
		char *to = phys_to_virt(frame);

		memcpy(to, phys_to_virt(from), n);
		memset(to + n, 0, PAGE_SIZE - n);
	}
	frame_put(from);
	return frame ? install(f, frame, f->vma->prot & PROT_WRITE) : NO_MEMORY;
}

static struct fault_result fault_file(struct fault *f)
{
	const struct vma *vma = f->vma;
	struct inode *inode = vma->file->inode;
	uint64_t index = (vma->offset + (f->page - vma->start)) >> PAGE_SHIFT;
	bool shared = vma->flags & MAP_SHARED;
	phys_t frame = 0;
	int err = inode_get_page(inode, index, false, &frame);

	if (!err && !frame) {
		if (!shared)
			return fault_zero(f);
		err = inode_get_page(inode, index, true, &frame);
	}
	if (err)
		return err == -ENXIO ? BEYOND_FILE : NO_MEMORY;
	if (shared)
		return install(f, frame, vma->prot & PROT_WRITE);
	if (vma->file_end - f->page < PAGE_SIZE)
		return install_copy(f, frame, vma->file_end - f->page);
	if (f->write)
		return install_copy(f, frame, PAGE_SIZE);
	return install(f, frame, false);
}

/* A write to a page that is there, but read-only. */
static struct fault_result fault_cow(struct fault *f)
{
	pte_t old = *f->pte;
	phys_t from = old & PTE_FRAME, to;

	if (old & PTE_NOREF) {
		to = frame_alloc_zeroed();
		f->mm->resident_pages += to != 0;
	} else if ((f->vma->flags & MAP_SHARED) || frame_refs(from) == 1) {
		/* The only reference is this entry, and mm->lock keeps fork from making another. */
		*f->pte = user_pte_value(from, f->vma->prot, true);
		return FAULT_OK;
	} else if ((to = frame_alloc())) {
		memcpy(phys_to_virt(to), phys_to_virt(from), PAGE_SIZE);
	}
	if (!to)
		return NO_MEMORY;
	*f->pte = user_pte_value(to, f->vma->prot, true);
	/* Other threads must not go on reading the old frame while this one writes the new. */
	tlb_flush_mm(f->mm, f->page, f->page + PAGE_SIZE);
	if (!(old & PTE_NOREF))
		frame_put(from);
	return FAULT_OK;
}

static bool allowed(unsigned prot, unsigned access)
{
	if (access & ACCESS_WRITE)
		return prot & PROT_WRITE;
	if (access & ACCESS_EXEC)
		return prot & PROT_EXEC;
	/* x86 cannot write or execute without reading. */
	return prot & (PROT_READ | PROT_WRITE | PROT_EXEC);
}

/* Extends a stack down to addr if its limit and the guard gap to the mapping below allow it. */
static bool stack_grow(struct mm *mm, struct vma *vma, uintptr_t addr)
{
	uintptr_t start = ALIGN_DOWN(addr, PAGE_SIZE);
	struct vma *below = vma_prev(vma);

	if (!(vma->flags & MAP_GROWSDOWN) || start < MMAP_MIN_ADDR ||
	    vma->end - start > USER_STACK_LIMIT)
		return false;
	/* A neighbour without access is a guard itself, and one that grows down keeps its own gap. */
	if (below && below->prot && !(below->flags & MAP_GROWSDOWN) &&
	    start - below->end < STACK_GUARD_GAP)
		return false;
	mm->total_pages += (vma->start - start) >> PAGE_SHIFT;
	vma->start = start;
	vma->file_end = vma->end;
	return true;
}

struct fault_result fault_locked(struct mm *mm, uintptr_t addr, unsigned access)
{
	struct vma *vma = vma_find(mm, addr);

	if (!vma || (addr < vma->start && !stack_grow(mm, vma, addr)))
		return NO_MAPPING;
	if (!allowed(vma->prot, access))
		return NO_RIGHT;
	pte_t *table = user_table_make(mm, addr);

	if (!table)
		return NO_MEMORY;
	struct fault f = {
		.mm = mm,
		.vma = vma,
		.page = ALIGN_DOWN(addr, PAGE_SIZE),
		.pte = &table[table_index(addr, 1)],
		.write = access & ACCESS_WRITE,
	};

	if (!*f.pte)
		return vma->file && f.page < vma->file_end ? fault_file(&f) : fault_zero(&f);
	if (f.write && !(*f.pte & PTE_W))
		return fault_cow(&f);
	/* Another thread was faster, or this CPU's TLB was behind. */
	return FAULT_OK;
}

struct fault_result mm_fault(struct mm *mm, uintptr_t addr, unsigned access)
{
	if (addr >= mm->task_size)
		return NO_MAPPING;
	mutex_lock(&mm->lock);
	struct fault_result r = fault_locked(mm, addr, access);

	mutex_unlock(&mm->lock);
	return r;
}

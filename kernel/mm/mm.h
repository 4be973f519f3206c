/* SPDX-License-Identifier: MIT */
/*
 * User address spaces.  struct mm is reference counted: one for each process that runs
 * in it.  lock (RANK_MM, sleeping) guards VMAs, page tables and brk.
 */
#pragma once

#include <bsd/sys/tree.h>
#include "kernel/mm/paging.h"
#include "sched/mutex.h"

struct file;
struct ldt;

struct vma {
	RB_ENTRY(vma) node;
	uintptr_t start, end;		/* page aligned, [start, end) */
	unsigned prot;			/* PROT_READ | PROT_WRITE | PROT_EXEC */
	unsigned flags;			/* MAP_SHARED or _PRIVATE, MAP_GROWSDOWN, VMA_* */
	struct file *file;		/* NULL: private anonymous.  Shared: a file without name */
	uint64_t offset;		/* of start in file, page aligned */
	uintptr_t file_end;		/* zero from here on though the file goes on (ELF bss) */
};
#define VMA_STACK 0x10000000u
#define VMA_HEAP  0x20000000u
#define VMA_VDSO  0x40000000u
#define VMA_VVAR  0x80000000u
/* Flags that mmap cannot ask for. */
#define VMA_OWN   (VMA_STACK | VMA_HEAP | VMA_VDSO | VMA_VVAR)

RB_HEAD(vma_tree, vma);

struct mm {
	struct mutex lock;
	struct vma_tree vmas;
	phys_t pml4;
	uint32_t tables;		/* page tables below pml4, by page.next */
	uint32_t refs;			/* atomic */
	uint64_t cpus;			/* atomic mask: CPUs that have pml4 loaded */
	uintptr_t task_size;		/* TASK_SIZE_MAX or TASK_SIZE_32 */
	uintptr_t mmap_top;		/* mmap searches downwards from here */
	uintptr_t brk_start, brk;
	uintptr_t arg_start, arg_end, env_start, env_end;	/* for /proc/PID/cmdline */
	uintptr_t stack_top;
	uintptr_t vdso;			/* its first page; 0: none */
	uintptr_t landing_pad;		/* where fast calls return to; 0: 64-bit, or no vDSO */
	size_t total_pages, resident_pages; /* mapped; with a frame of their own or of a file */
	uint64_t auxv[48];		/* as given to the program, for /proc/PID/auxv */
	struct file *exe;
	struct ldt *ldt;		/* NULL: none; under lock, read by CPUs in cpus (ldt.h) */
};

/* Limits (bytes) that programs see through getrlimit. */
#define USER_STACK_LIMIT MIB(8)

struct mm *mm_create(bool compat);	/* NULL: out of memory */
struct mm *mm_fork(struct mm *parent);	/* copy-on-write; NULL: out of memory */
void mm_get(struct mm *mm);
void mm_put(struct mm *mm);		/* last one: unmaps and frees everything; thread context */

/* Called by the scheduler, interrupts off.  mm == NULL loads the kernel's own table. */
void mm_switch(struct mm *prev, struct mm *next);

/*
 * The engine of the system calls (kernel/mm/mmap.c).  mm_map takes MAP_FIXED,
 * MAP_FIXED_NOREPLACE, MAP_32BIT... from flags; *addr is the hint and the result.  A mapping
 * takes its own reference to file; the caller keeps his.  file_end 0: no cut.
 * Errors: -EINVAL, -ENOMEM, -EEXIST, -EACCES, -ENODEV, -EPERM, -EOVERFLOW.
 */
int mm_map(struct mm *mm, uintptr_t *addr, size_t len, unsigned prot, unsigned flags,
	   struct file *file, uint64_t offset, uintptr_t file_end);
int mm_unmap(struct mm *mm, uintptr_t addr, size_t len);
int mm_protect(struct mm *mm, uintptr_t addr, size_t len, unsigned prot);

/* What an access needs; a page fault's error code has the same meaning. */
#define ACCESS_WRITE 1u
#define ACCESS_EXEC  2u

/* What went wrong, in siginfo terms; signo 0: all is well. */
struct fault_result {
	int signo;	/* SIGSEGV, SIGBUS, SIGKILL (out of memory) */
	int code;	/* SEGV_MAPERR, SEGV_ACCERR, BUS_ADRERR */
};
/* Makes addr accessible if its VMA allows it.  Sleeps; interrupts on. */
struct fault_result mm_fault(struct mm *mm, uintptr_t addr, unsigned access);

/*
 * Copies into / out of any address space through the direct map (exec's stack, /proc).
 * 0, -EFAULT, -ENOMEM.
 */
int mm_write(struct mm *mm, uintptr_t addr, const void *from, size_t n);
int mm_read(struct mm *mm, uintptr_t addr, void *to, size_t n);

/* A line of /proc/PID/maps for the first VMA that ends above addr.  Returns its end; 0: none. */
uintptr_t mm_describe_vma(struct mm *mm, uintptr_t addr, char *buf, size_t size);

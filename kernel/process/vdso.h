/* SPDX-License-Identifier: MIT */
/* The vDSO: code of the kernel's that runs in programs, mapped by every exec. */
#pragma once

#include "kernel/lib/compiler.h"

struct mm;

/*
 * Boot thread, once, after the file system's start and before the first exec: fatal() on failure.
 */
void vdso_init(void);
/*
 * Maps data page and image into a new address space, and sets mm->vdso and mm->landing_pad.
 * 0 or -ENOMEM.  A 32-bit program gets none with vsyscall=none.
 */
int vdso_map(struct mm *mm, bool compat);
/* mremap, mm->lock held: the image begins at to now, and the caller's own way back follows it. */
void vdso_moved(struct mm *mm, uintptr_t to);
/* AT_SYSINFO of a 32-bit program that has a vDSO. */
uintptr_t vdso_entry(const struct mm *mm);
/* __kernel_sigreturn and __kernel_rt_sigreturn, for handlers without a restorer.  0: no vDSO. */
uintptr_t vdso_sigreturn(const struct mm *mm, bool rt);

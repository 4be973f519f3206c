/* SPDX-License-Identifier: MIT */
/* Flushing a user address space; for what all of them share see kernel/mm/paging.h. */
#pragma once

#include "kernel/mm/mm.h"

/*
 * After page-table entries of [start, end) lost a right or their frame: makes sure that no CPU
 * uses the old ones.  Only then may the frames be put.  Thread context, no spinlock held (TLB-1).
 */
void tlb_flush_mm(struct mm *mm, uintptr_t start, uintptr_t end);
/*
 * After mm->ldt was changed: makes all CPUs that run mm load it.  Thread context, no spinlock held.
 */
void tlb_reload_ldt(struct mm *mm);

/* SPDX-License-Identifier: MIT */
/*
 * Kernel virtual ranges with a guard page below and above: thread stacks, extended
 * state that is larger than a page, MMIO.
 */
#pragma once

#include "kernel/mm/frames.h"

/* size bytes (rounded up) of fresh zeroed frames.  NULL: out of memory.  Thread context. */
void *vmap_alloc(size_t size);
/* Unmaps, shoots down on all CPUs, frees the frames.  Thread context, no locks held. */
void vmap_free(void *p, size_t size);
/* Maps device memory uncached.  Never unmapped. */
volatile void *vmap_mmio(phys_t phys, size_t size);
/* Maps memory that is only written: combined writes (kernel/cpu/control_regs.c sets the PAT). */
volatile void *vmap_video(phys_t phys, size_t size);
/* True if addr is a guard page directly below a range; *start is that range's first byte. */
bool vmap_is_guard(uintptr_t addr, uintptr_t *start);

/* Thread stacks, KERNEL_STACK_SIZE each, cached on free.  Return the lowest address. */
void *stack_alloc(void);
void stack_free(void *stack);

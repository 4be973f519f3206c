/* SPDX-License-Identifier: MIT */
/*
 * The kernel heap: size classes of powers of two from 16 bytes to 2 KiB carved from single
 * frames, and whole frames up to PAGE_SIZE.  Larger things use kernel/mm/vmap.h.
 */
#pragma once

#include "kernel/lib/compiler.h"

/* Any thread context without RANK_HEAP or above held.  NULL: out of memory.  size <= PAGE_SIZE. */
void *kmalloc(size_t size);
void *kzalloc(size_t size);
/* NULL is allowed.  Debug builds poison freed memory and catch a double free (HEAP-1). */
void kfree(void *p);
/* Bytes handed out now, for leak tests. */
size_t kmalloc_in_use(void);

/* SPDX-License-Identifier: MIT */
/* Memory for tests; a failure to get it ends the test program. */
#pragma once

#include <stddef.h>

/* Anonymous pages, zero.  Shared ones stay common to parent and children. */
void *map_private(size_t size);
void *map_shared(size_t size);
/* size bytes (a multiple of the page size) that end exactly at an unmapped page. */
char *map_before_hole(size_t size);
void unmap(void *at, size_t size);
/*
 * The end of the user half: one page below 2^47 (spec 6.9), or 2^56 on a Linux with five levels of
 * page tables; 32 bit: two pages below 4 GiB.
 */
unsigned long user_end(void);
/* Writes where nothing is mapped: the process ends by SIGSEGV. */
void page_fault(void);

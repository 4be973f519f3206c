/* SPDX-License-Identifier: MIT */
/*
 * Physical memory for the boot parsers: a block at ARENA_BASE.  Every range that a parser
 * maps is a fresh copy of exactly that size, so ASan sees each byte read beyond it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARENA_BASE 0x100000ull

void arena_reset(const void *bytes, size_t size);
/* Copies bytes to the physical address, which must lie inside the arena. */
void arena_write(uint64_t phys, const void *bytes, size_t size);
const void *arena_map(uint64_t phys, uint64_t len);
void arena_free(void);

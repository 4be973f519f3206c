/* SPDX-License-Identifier: MIT */
/* See arena.h. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "tests/host/arena.h"

#define MAX_MAPPINGS 4096

static uint8_t *memory;
static size_t memory_size;
static void *mapping[MAX_MAPPINGS];
static size_t mappings;

void arena_free(void)
{
	for (size_t i = 0; i < mappings; i++)
		free(mapping[i]);
	mappings = 0;
	free(memory);
	memory = NULL;
	memory_size = 0;
}

void arena_reset(const void *bytes, size_t size)
{
	arena_free();
	memory = calloc(1, size + 1);
	assert(memory);
	if (bytes)
		memcpy(memory, bytes, size);
	memory_size = size;
}

void arena_write(uint64_t phys, const void *bytes, size_t size)
{
	assert(phys >= ARENA_BASE && phys - ARENA_BASE + size <= memory_size);
	memcpy(memory + (phys - ARENA_BASE), bytes, size);
}

const void *arena_map(uint64_t phys, uint64_t len)
{
	uint64_t offset = phys - ARENA_BASE;
	void *copy;

	if (phys < ARENA_BASE || offset > memory_size || len > memory_size - offset)
		return NULL;
	if (mappings == MAX_MAPPINGS)
		return NULL;
	copy = malloc(len);
	assert(copy || !len);
	if (len)
		memcpy(copy, memory + offset, len);
	mapping[mappings++] = copy;
	return copy;
}

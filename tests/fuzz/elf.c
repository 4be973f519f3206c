/* SPDX-License-Identifier: MIT */
/* The ELF checker must answer for any bytes, and a plan that it gives must be mappable. */
#include <stdlib.h>
#include <string.h>
#include "kernel/process/elf.h"

#define LIMIT    0x00007ffffffff000ull
#define LIMIT_32 0xffffe000ull

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_plan(const struct elf_plan *plan, uint64_t file_size, uint64_t limit)
{
	for (unsigned i = 0; i < plan->nsegments; i++) {
		const struct elf_segment *s = &plan->segment[i];

		if (s->vaddr + s->memsz > limit || s->filesz > s->memsz ||
		    s->offset + s->filesz > file_size || s->vaddr < plan->low ||
		    s->vaddr + s->memsz > plan->high || (s->flags & 3) == 3)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_plan plan = { .nsegments = 0 };
	struct elf_header *h = &plan.header;
	uint64_t limit;
	size_t bytes;
	void *phdrs;

	if (elf_read_header(h, data, size < 4096 ? size : 4096, size))
		return 0;
	limit = h->is32 ? LIMIT_32 : LIMIT;
	bytes = (size_t)h->phnum * h->phentsize;
	phdrs = malloc(bytes);
	memcpy(phdrs, data + h->phoff, bytes);
	if (!elf_read_segments(&plan, phdrs, size, limit))
		check_plan(&plan, size, limit);
	free(phdrs);
	return 0;
}

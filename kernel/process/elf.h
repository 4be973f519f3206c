/* SPDX-License-Identifier: MIT */
/*
 * ELF programs as pure C: a checker that turns the headers of a file into a plan of what to
 * map.  No kernel dependencies: also built, unit-tested and fuzzed on the host.
 *
 * What is stricter than Linux, because mapping it would be wrong or unsafe here: segments that
 * are writable and executable, segments that share a page, an entry point outside the code.
 */
#pragma once

#include "kernel/lib/compiler.h"

#define ELF_MAX_SEGMENTS 16
#define ELF_MAX_INTERP   256	/* longest PT_INTERP, with its NUL */
#define ELF_PHDRS_MAX    4096	/* largest program header table, bytes */

struct elf_header {
	bool is32;		/* ELFCLASS32 for EM_386; else ELFCLASS64 for EM_X86_64 */
	bool dyn;		/* ET_DYN: wants a load address */
	uint64_t entry;
	uint64_t phoff;
	unsigned phnum, phentsize;
};

struct elf_segment {
	uint64_t vaddr, memsz;
	uint64_t offset, filesz;
	uint32_t flags;		/* PF_R | PF_W | PF_X, never the last two together */
};

struct elf_plan {
	struct elf_header header;
	unsigned nsegments;
	struct elf_segment segment[ELF_MAX_SEGMENTS];
	uint64_t low, high;	/* all segments lie in [low, high), page aligned */
	uint64_t align;		/* a load address must be a multiple of it */
	uint64_t phdr;		/* address of the program headers, 0: in no segment */
	uint64_t interp_offset;	/* PT_INTERP in the file; size 0: there is none */
	uint64_t interp_size;
};

/*
 * Reads the first size bytes of a file that is file_size bytes long.
 * 0, or -ENOEXEC: not a program for this machine, or it contradicts itself.
 */
int elf_read_header(struct elf_header *out, const void *start, size_t size, uint64_t file_size);
/*
 * plan->header is filled; phdrs are its phnum * phentsize bytes at phoff.  limit is the end of
 * user addresses.  0, -ENOEXEC, or -EINVAL: a segment that no address space could hold.
 */
int elf_read_segments(struct elf_plan *plan, const void *phdrs, uint64_t file_size,
		      uint64_t limit);

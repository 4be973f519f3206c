/* SPDX-License-Identifier: MIT */
/*
 * The ELF checker.  Everything in the file is hostile: each number is compared before it
 * is added to another, and nothing is read outside the two buffers.
 */
#include <asm/errno.h>
#include <elf.h>
#include "kernel/process/elf.h"

#define PAGE 4096ull
#define MAX_ALIGN (1ull << 30)

/* The two classes differ in the order and width of fields only; this is both. */
struct phdr {
	uint32_t type, flags;
	uint64_t offset, vaddr, filesz, memsz, align;
};

/* True if [offset, offset + size) lies within limit. */
static bool range_ok(uint64_t offset, uint64_t size, uint64_t limit)
{
	return offset <= limit && size <= limit - offset;
}

static bool read64(struct elf_header *out, const void *start, size_t size)
{
	Elf64_Ehdr h;

	if (size < sizeof(h))
		return false;
	__builtin_memcpy(&h, start, sizeof(h));
	*out = (struct elf_header){ .dyn = h.e_type == ET_DYN,
				    .entry = h.e_entry,
				    .phoff = h.e_phoff,
				    .phnum = h.e_phnum,
				    .phentsize = h.e_phentsize };
	return (h.e_type == ET_EXEC || h.e_type == ET_DYN) && h.e_machine == EM_X86_64 &&
	       h.e_phentsize == sizeof(Elf64_Phdr);
}

static bool read32(struct elf_header *out, const void *start, size_t size)
{
	Elf32_Ehdr h;

	if (size < sizeof(h))
		return false;
	__builtin_memcpy(&h, start, sizeof(h));
	*out = (struct elf_header){ .is32 = true,
				    .dyn = h.e_type == ET_DYN,
				    .entry = h.e_entry,
				    .phoff = h.e_phoff,
				    .phnum = h.e_phnum,
				    .phentsize = h.e_phentsize };
	return (h.e_type == ET_EXEC || h.e_type == ET_DYN) && h.e_machine == EM_386 &&
	       h.e_phentsize == sizeof(Elf32_Phdr);
}

int elf_read_header(struct elf_header *out, const void *start, size_t size, uint64_t file_size)
{
	const uint8_t *ident = start;
	bool ok;

	if (size < EI_NIDENT || __builtin_memcmp(ident, ELFMAG, SELFMAG) != 0 ||
	    ident[EI_DATA] != ELFDATA2LSB)
		return -ENOEXEC;
	if (ident[EI_CLASS] == ELFCLASS64)
		ok = read64(out, start, size);
	else if (ident[EI_CLASS] == ELFCLASS32)
		ok = read32(out, start, size);
	else
		ok = false;
	if (!ok || out->phnum == 0 || out->phnum * out->phentsize > ELF_PHDRS_MAX)
		return -ENOEXEC;
	if (!range_ok(out->phoff, out->phnum * out->phentsize, file_size))
		return -ENOEXEC;
	return 0;
}

static struct phdr get_phdr(const struct elf_header *h, const void *phdrs, unsigned i)
{
	const char *at = (const char *)phdrs + i * h->phentsize;

	if (h->is32) {
		Elf32_Phdr p;

		__builtin_memcpy(&p, at, sizeof(p));
		return (struct phdr){ p.p_type,	  p.p_flags, p.p_offset, p.p_vaddr,
				      p.p_filesz, p.p_memsz, p.p_align };
	}
	Elf64_Phdr p;

	__builtin_memcpy(&p, at, sizeof(p));
	return (struct phdr){ p.p_type,	  p.p_flags, p.p_offset, p.p_vaddr,
			      p.p_filesz, p.p_memsz, p.p_align };
}

static int add_load(struct elf_plan *plan, const struct phdr *p, uint64_t file_size, uint64_t limit)
{
	const struct elf_header *h = &plan->header;
	uint64_t first, last;

	if (!range_ok(p->vaddr, p->memsz, limit) || p->filesz > p->memsz)
		return -EINVAL;
	if (p->memsz == 0)
		return 0;
	if (plan->nsegments == ELF_MAX_SEGMENTS || !range_ok(p->offset, p->filesz, file_size) ||
	    (p->vaddr - p->offset) % PAGE != 0)
		return -ENOEXEC;
	if ((p->flags & PF_W) && (p->flags & PF_X))
		return -ENOEXEC;
	first = p->vaddr & -PAGE;
	last = (p->vaddr + p->memsz + PAGE - 1) & -PAGE;
	if (last > limit)
		return -EINVAL;
	for (unsigned i = 0; i < plan->nsegments; i++) {
		const struct elf_segment *s = &plan->segment[i];

		if (first < s->vaddr + s->memsz && (s->vaddr & -PAGE) < last)
			return -ENOEXEC;
	}
	plan->segment[plan->nsegments++] = (struct elf_segment){
		p->vaddr, p->memsz, p->offset, p->filesz, p->flags & (PF_R | PF_W | PF_X)
	};
	plan->low = plan->nsegments == 1 || first < plan->low ? first : plan->low;
	plan->high = last > plan->high ? last : plan->high;
	if (p->align <= MAX_ALIGN && (p->align & (p->align - 1)) == 0 && p->align > plan->align)
		plan->align = p->align;
	if (h->phoff >= p->offset &&
	    range_ok(h->phoff - p->offset, h->phnum * h->phentsize, p->filesz))
		plan->phdr = p->vaddr + (h->phoff - p->offset);
	return 0;
}

static int add_interp(struct elf_plan *plan, const struct phdr *p, uint64_t file_size)
{
	if (plan->interp_size || p->filesz < 2 || p->filesz > ELF_MAX_INTERP ||
	    !range_ok(p->offset, p->filesz, file_size))
		return -ENOEXEC;
	plan->interp_offset = p->offset;
	plan->interp_size = p->filesz;
	return 0;
}

static bool entry_ok(const struct elf_plan *plan)
{
	uint64_t entry = plan->header.entry;

	for (unsigned i = 0; i < plan->nsegments; i++) {
		const struct elf_segment *s = &plan->segment[i];

		if ((s->flags & PF_X) && entry >= s->vaddr && entry - s->vaddr < s->memsz)
			return true;
	}
	return false;
}

int elf_read_segments(struct elf_plan *plan, const void *phdrs, uint64_t file_size, uint64_t limit)
{
	plan->nsegments = 0;
	plan->low = plan->high = plan->phdr = plan->interp_offset = plan->interp_size = 0;
	plan->align = PAGE;
	for (unsigned i = 0; i < plan->header.phnum; i++) {
		struct phdr p = get_phdr(&plan->header, phdrs, i);
		int err = 0;

		if (p.type == PT_LOAD)
			err = add_load(plan, &p, file_size, limit);
		else if (p.type == PT_INTERP)
			err = add_interp(plan, &p, file_size);
		if (err)
			return err;
	}
	return entry_ok(plan) ? 0 : -ENOEXEC;
}

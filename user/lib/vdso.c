/* SPDX-License-Identifier: MIT */
/* Finds symbols in the vDSO like a loader: program headers, PT_DYNAMIC, DT_SYMTAB. */
#include <linux/elf.h>
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/sys.h"
#include "user/lib/vdso.h"

#ifdef __x86_64__
typedef Elf64_Ehdr header;
typedef Elf64_Phdr segment;
typedef Elf64_Dyn dynamic;
typedef Elf64_Sym symbol;
typedef Elf64_Shdr section;
#else
typedef Elf32_Ehdr header;
typedef Elf32_Phdr segment;
typedef Elf32_Dyn dynamic;
typedef Elf32_Sym symbol;
typedef Elf32_Shdr section;
#endif

const unsigned char *vdso_base(void)
{
	return (const unsigned char *)auxv(AT_SYSINFO_EHDR, NULL);
}

void *vdso_entry_point(void)
{
	return (void *)(vdso_base() + ((const header *)vdso_base())->e_entry);
}

/* From DT_HASH; images with DT_GNU_HASH only still have section headers. */
static unsigned symbol_count(const unsigned char *base, unsigned long hash)
{
	const header *h = (const header *)base;

	if (hash)
		return ((const unsigned *)(base + hash))[1];
	for (unsigned i = 0; i < h->e_shnum; i++) {
		const section *s = (const section *)(base + h->e_shoff) + i;

		if (s->sh_type == SHT_DYNSYM)
			return s->sh_size / sizeof(symbol);
	}
	return 0;
}

void *vdso_symbol(const char *name)
{
	const unsigned char *base = vdso_base();
	const header *h = (const header *)base;
	unsigned long symbols = 0, strings = 0, hash = 0;

	if (!base)
		return NULL;
	for (unsigned i = 0; i < h->e_phnum; i++) {
		const segment *p = (const segment *)(base + h->e_phoff) + i;

		if (p->p_type != PT_DYNAMIC)
			continue;
		for (const dynamic *d = (const dynamic *)(base + p->p_offset); d->d_tag; d++) {
			if (d->d_tag == DT_SYMTAB)
				symbols = d->d_un.d_ptr;
			else if (d->d_tag == DT_STRTAB)
				strings = d->d_un.d_ptr;
			else if (d->d_tag == DT_HASH)
				hash = d->d_un.d_ptr;
		}
	}
	for (unsigned i = 1; i < symbol_count(base, hash); i++) {
		const symbol *s = (const symbol *)(base + symbols) + i;

		if (!strcmp((const char *)base + strings + s->st_name, name))
			return (void *)(base + s->st_value);
	}
	return NULL;
}

/* SPDX-License-Identifier: MIT */
/* A small ELF program in memory. */
#include "user/lib/elf_image.h"
#include "user/lib/string.h"
#include "user/lib/sys.h"

/* mov $42, %edi or %ebx; mov $exit, %eax; the system call. */
static const uint8_t exit_code[] = {
#ifdef __x86_64__
	0xbf, IMAGE_STATUS, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05, 0x0f, 0x0b,
#else
	0xbb, IMAGE_STATUS, 0, 0, 0, 0xb8, 1, 0, 0, 0, 0xcd, 0x80, 0x0f, 0x0b,
#endif
};

_Static_assert(sizeof(struct elf_image) == 4096, "one page");

void elf_image_make(struct elf_image *image)
{
	elf_header *h = &image->header;
	elf_segment *s = &image->segment[0];

	memset(image, 0, sizeof(*image));
	memcpy(h->e_ident, ELFMAG, SELFMAG);
	h->e_ident[EI_CLASS] = IS_64BIT ? ELFCLASS64 : ELFCLASS32;
	h->e_ident[EI_DATA] = ELFDATA2LSB;
	h->e_ident[EI_VERSION] = EV_CURRENT;
	h->e_type = ET_EXEC;
	h->e_machine = IS_64BIT ? EM_X86_64 : EM_386;
	h->e_version = EV_CURRENT;
	h->e_entry = IMAGE_BASE + offsetof(struct elf_image, code);
	h->e_phoff = offsetof(struct elf_image, segment);
	h->e_ehsize = sizeof(*h);
	h->e_phentsize = sizeof(*s);
	h->e_phnum = 1;
	s->p_type = PT_LOAD;
	s->p_flags = PF_R | PF_X;
	s->p_vaddr = s->p_paddr = IMAGE_BASE;
	s->p_filesz = s->p_memsz = sizeof(*image);
	s->p_align = 4096;
	memcpy(image->code, exit_code, sizeof(exit_code));
}

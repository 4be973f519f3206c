/* SPDX-License-Identifier: MIT */
/*
 * A small ELF program of this bitness, built in memory, for tests that break it on purpose.  It is
 * one page: headers, then code that ends with exit status 42.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <linux/elf.h>

#ifdef __x86_64__
typedef Elf64_Ehdr elf_header;
typedef Elf64_Phdr elf_segment;
#else
typedef Elf32_Ehdr elf_header;
typedef Elf32_Phdr elf_segment;
#endif

#define IMAGE_BASE     0x10000000ul
#define IMAGE_SEGMENTS 3		/* room in the table; phnum starts with 1 */
#define IMAGE_STATUS   42

struct elf_image {
	elf_header header;
	elf_segment segment[IMAGE_SEGMENTS];
	uint8_t code[32];
	uint8_t pad[4096 - sizeof(elf_header) - IMAGE_SEGMENTS * sizeof(elf_segment) - 32];
};

/* segment[0] maps all of it, readable and executable. */
void elf_image_make(struct elf_image *image);

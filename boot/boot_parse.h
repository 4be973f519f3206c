/* SPDX-License-Identifier: MIT */
/* What the two boot protocol parsers share (boot/boot_info.c). */
#pragma once

#include "boot/boot_info.h"

#define MULTIBOOT2_BOOT_MAGIC 0x36d76289u
#define PVH_START_MAGIC       0x336ec578u

/* Return NULL or a sentence.  An unknown type counts as reserved; empty ranges are dropped. */
const char *boot_add_range(struct boot_info *out, uint64_t start, uint64_t length, uint32_t type);
const char *boot_add_module(struct boot_info *out, uint64_t start, uint64_t end);
/* Contents of multiboot2's framebuffer tag (boot/multiboot2_fb.c): out->fb, or a remark. */
void multiboot2_framebuffer(struct boot_info *out, const uint8_t *body, uint32_t size);

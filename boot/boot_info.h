/* SPDX-License-Identifier: MIT */
/*
 * What the boot loader told us, whichever it was: multiboot2 (GRUB, BIOS or UEFI)
 * and PVH (qemu -kernel) are both normalised into this one structure.
 * All addresses are physical.
 */
#pragma once

#include "kernel/lib/compiler.h"

#define BOOT_MAX_RANGES  128
#define BOOT_MAX_MODULES 8
#define BOOT_CMDLINE_MAX 2048

enum boot_protocol { BOOT_MULTIBOOT2, BOOT_PVH };

/* Values of the ACPI address-range types; everything unknown counts as reserved. */
enum boot_range_type { RANGE_RAM = 1, RANGE_RESERVED = 2, RANGE_ACPI = 3, RANGE_NVS = 4 };

struct boot_range {
	uint64_t start, end;	/* [start, end), bytes */
	enum boot_range_type type;
};

struct boot_module {
	uint64_t start, end;
};

enum boot_fb_type { FB_NONE, FB_RGB, FB_TEXT };

struct boot_framebuffer {
	enum boot_fb_type type;
	uint64_t address;
	uint32_t width, height, pitch;	/* pixels (FB_RGB) or characters (FB_TEXT); bytes */
	uint8_t bpp;
	uint8_t red_shift, red_bits, green_shift, green_bits, blue_shift, blue_bits;
};

struct boot_info {
	enum boot_protocol protocol;
	unsigned nranges;	/* sorted by start, non-overlapping; RANGE_RAM is page aligned */
	struct boot_range range[BOOT_MAX_RANGES];
	unsigned nmodules;
	struct boot_module module[BOOT_MAX_MODULES];
	struct boot_framebuffer fb;
	uint64_t rsdp;		/* 0: not told, search the BIOS area */
	const char *remark;	/* what the loader got wrong, but boots; or NULL */
	char cmdline[BOOT_CMDLINE_MAX];	/* always terminated; the boot parser refuses longer ones */
};

extern struct boot_info boot_info;

/*
 * Parses what entry in boot/start.asm received: magic in EAX, info pointer in EBX.
 * The sizes inside are not trusted.  Returns NULL, or a sentence that says what is
 * wrong (the caller prints it and ends the machine).
 * Pure C: also built and fuzzed on the host.  map(phys, len) gives a readable pointer,
 * or NULL where that is not memory that the loader can have written.
 */
const char *boot_info_parse(struct boot_info *out, uint32_t magic, uint64_t info_phys,
			    const void *(*map)(uint64_t phys, uint64_t len));
/* Its two halves, one for each protocol. */
const char *multiboot2_parse(struct boot_info *out, uint64_t phys,
			     const void *(*map)(uint64_t phys, uint64_t len));
const char *pvh_parse(struct boot_info *out, uint64_t phys,
		      const void *(*map)(uint64_t phys, uint64_t len));
/* Sorts, clips overlaps (the more reserved type wins), page-aligns RAM inwards. */
const char *boot_ranges_normalise(struct boot_info *info);

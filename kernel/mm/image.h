/* SPDX-License-Identifier: MIT */
/* The borders of the kernel image, from linker.ld. */
#pragma once

#include "kernel/mm/frames.h"

extern char __image_phys_start[], __image_phys_end[];	/* physical addresses */
extern char __text_start[], __text_end[];
extern char __rodata_start[], __rodata_end[];
extern char __data_start[], __image_end[];
extern char boot_stack_guard[];		/* boot/start.asm: one page below the boot CPU's stack */

static inline phys_t image_phys(const char *symbol)
{
	return (uintptr_t)symbol - KERNEL_BASE;
}

/* Text and rodata are one block of frames; no mapping of them is writable once sealed (W-X-1). */
static inline phys_t image_protected_start(void)
{
	return image_phys(__text_start);
}

static inline phys_t image_protected_end(void)
{
	return image_phys(__rodata_end);
}

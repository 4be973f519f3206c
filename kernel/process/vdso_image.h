/* SPDX-License-Identifier: MIT */
/* An image of entry/vdso/ as the build puts it into the kernel (entry/vdso/vdso2asm.py). */
#pragma once

#include "kernel/cpu/vsyscall.h"

struct vdso_image {
	const uint8_t *bytes;
	uint32_t size;
	/* All offsets in the file, which are also addresses relative to where it is mapped. */
	uint32_t entry_field;			/* e_entry */
	uint32_t value_field, size_field;	/* of __kernel_vsyscall in .dynsym */
	struct {
		uint32_t start, pad, size;
	} flavour[VSYSCALL_FLAVOURS];
	uint32_t sigreturn, rt_sigreturn;
};

/* The 64-bit one has only bytes. */
extern const struct vdso_image vdso_image_32, vdso_image_64;

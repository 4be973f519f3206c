/* SPDX-License-Identifier: MIT */
/* FS and GS in 64-bit programs: selectors, bases, and the instructions (spec 01). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <asm/prctl.h>
#include "user/lib/start.h"
#include "user/lib/sys.h"

static inline bool have_fsgsbase(void)
{
	return auxv(AT_HWCAP2, NULL) & 2;
}

static inline unsigned read_fs(void)
{
	unsigned s;

	__asm__ volatile("mov %%fs, %0" : "=r"(s));
	return s & 0xffff;
}

static inline unsigned read_gs(void)
{
	unsigned s;

	__asm__ volatile("mov %%gs, %0" : "=r"(s));
	return s & 0xffff;
}

static inline void write_fs(unsigned s)
{
	__asm__ volatile("mov %0, %%fs" : : "r"(s));
}

static inline void write_gs(unsigned s)
{
	__asm__ volatile("mov %0, %%gs" : : "r"(s));
}

#ifdef __x86_64__
static inline unsigned long rdfsbase(void)
{
	unsigned long v;

	__asm__ volatile("rdfsbase %0" : "=r"(v));
	return v;
}

static inline unsigned long rdgsbase(void)
{
	unsigned long v;

	__asm__ volatile("rdgsbase %0" : "=r"(v));
	return v;
}

static inline void wrfsbase(unsigned long v)
{
	__asm__ volatile("wrfsbase %0" : : "r"(v));
}

static inline void wrgsbase(unsigned long v)
{
	__asm__ volatile("wrgsbase %0" : : "r"(v));
}

/* What the kernel says; all ones if it says nothing. */
static inline unsigned long kernel_fs_base(void)
{
	unsigned long v = ~0ul;

	SYS(arch_prctl, ARCH_GET_FS, &v);
	return v;
}

static inline unsigned long kernel_gs_base(void)
{
	unsigned long v = ~0ul;

	SYS(arch_prctl, ARCH_GET_GS, &v);
	return v;
}
#endif

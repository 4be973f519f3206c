/* SPDX-License-Identifier: MIT */
/* Descriptors that programs make: in the LDT, and in the TLS slots of the GDT. */
#pragma once

#include <asm/ldt.h>
#include "user/lib/sys.h"

#define TLS_SELECTOR(slot)  ((slot) << 3 | 3)	/* slots 12 to 14 */
#define LDT_SELECTOR(entry) ((entry) << 3 | 7)
#define TLS_FIRST 12u

/* Read-write data, 4 GiB from base on. */
static inline struct user_desc data_segment(unsigned entry, unsigned long base)
{
	return (struct user_desc){ .entry_number = entry, .base_addr = (unsigned)base,
				   .limit = 0xfffff, .seg_32bit = 1, .limit_in_pages = 1,
				   .useable = 1 };
}

static inline struct user_desc no_segment(unsigned entry)
{
	return (struct user_desc){ .entry_number = entry, .read_exec_only = 1,
				   .seg_not_present = 1 };
}

/* The result is an int, which 64-bit callers get zero-extended: here it has its sign back. */
static inline int ldt_call(int function, void *buffer, unsigned long size)
{
	return (int)SYS(modify_ldt, function, buffer, size);
}

static inline int ldt_write(struct user_desc d)
{
	return ldt_call(0x11, &d, sizeof(d));
}

/* set_thread_area from either bitness; in 64-bit code by INT 0x80, with *d below 4 GiB. */
static inline long tls_write(struct user_desc *d)
{
#ifdef __x86_64__
	int ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "0"(243), "b"(d)
			 : "r8", "r9", "r10", "r11", "memory");
	return ret;
#else
	return SYS(set_thread_area, d);
#endif
}

/*
 * LAR: the access rights, shifted as the instruction gives them; 0 if the selector names no
 * segment.
 */
static inline unsigned access_rights(unsigned selector)
{
	unsigned rights = 0;

	__asm__ volatile("lar %1, %0; jz 1f; xor %0, %0; 1:" : "+r"(rights) : "r"(selector) : "cc");
	return rights;
}

/* LSL: the limit in bytes; 0 if the selector names no segment. */
static inline unsigned segment_limit(unsigned selector)
{
	unsigned limit = 0;

	__asm__ volatile("lsl %1, %0; jz 1f; xor %0, %0; 1:" : "+r"(limit) : "r"(selector) : "cc");
	return limit;
}

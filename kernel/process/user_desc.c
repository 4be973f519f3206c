/* SPDX-License-Identifier: MIT */
/* Between struct user_desc of the system calls and the hardware's descriptors: see user_desc.h. */
#include "kernel/process/user_desc.h"

static bool no_fields(const struct user_desc *d)
{
	return d->base_addr == 0 && d->limit == 0 && d->contents == 0 && d->seg_32bit == 0 &&
	       d->limit_in_pages == 0 && d->useable == 0;
}

bool desc_empty(const struct user_desc *d)
{
	return no_fields(d) && d->read_exec_only && d->seg_not_present;
}

bool desc_zero(const struct user_desc *d)
{
	return no_fields(d) && !d->read_exec_only && !d->seg_not_present;
}

/* SDM vol. 3, figure 3-8.  The L bit stays 0: 64-bit code segments are the kernel's to give. */
uint64_t desc_encode(const struct user_desc *d)
{
	uint64_t type = 1 | (uint64_t)!d->read_exec_only << 1 | (uint64_t)d->contents << 2;

	return (d->limit & 0xffff) | (uint64_t)(d->base_addr & 0xffffff) << 16 | type << 40 |
	       1ull << 44 | 3ull << 45 | (uint64_t)!d->seg_not_present << 47 |
	       (uint64_t)(d->limit >> 16 & 0xf) << 48 | (uint64_t)d->useable << 52 |
	       (uint64_t)d->seg_32bit << 54 | (uint64_t)d->limit_in_pages << 55 |
	       (uint64_t)(d->base_addr >> 24) << 56;
}

struct user_desc desc_decode(unsigned entry, uint64_t v)
{
	return (struct user_desc){ .entry_number = entry,
				   .base_addr = (v >> 16 & 0xffffff) | (v >> 56 & 0xff) << 24,
				   .limit = (v & 0xffff) | (v >> 32 & 0xf0000),
				   .seg_32bit = v >> 54 & 1,
				   .contents = v >> 42 & 3,
				   .read_exec_only = !(v >> 41 & 1),
				   .limit_in_pages = v >> 55 & 1,
				   .seg_not_present = !(v >> 47 & 1),
				   .useable = v >> 52 & 1 };
}

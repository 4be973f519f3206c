/* SPDX-License-Identifier: MIT */
/*
 * Alternatives: each site in the kernel text holds its default instructions, padded
 * with NOPs to the longer of the two, and a record in .altinstructions that names a feature and
 * the replacement (in .altinstr_replacement).  entry/alternative.inc makes the same
 * records from NASM.  Replacements contain no relative branch and no RIP-relative operand,
 * so they can be copied as they are.
 */
#pragma once

#include "kernel/lib/compiler.h"

struct alt_record {
	int32_t site;		/* relative to the address of this field */
	int32_t replacement;	/* likewise */
	uint16_t feature;	/* FEATURE_*; with ALT_NOT: applied where it is absent */
	uint8_t site_len, replacement_len;
};
#define ALT_NOT 0x8000

/*
 * Patches all sites.  Boot CPU only, before the first AP and before user mode, while
 * the text is still writable.  NOPs the rest of a site with long NOPs.  Panics (ALT-1) on a second call.
 */
void alternatives_apply(void);

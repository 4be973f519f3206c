/* SPDX-License-Identifier: MIT */
/*
 * Alternatives: each site in the kernel text holds its default instructions, padded
 * with NOPs to the longer of the two, and a record in .altinstructions that names a feature and
 * the replacement (in .altinstr_replacement).  kernel/cpu/alternative.inc makes the same
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
 * For inline assembly: the instructions of default_ stand in line and are replaced on a CPU that
 * has the feature (a plain number).  The default must be the longer of the two (ALT-2).  Operands
 * are the same for both; what either one changes is declared.
 */
#define ALTERNATIVE(default_, replacement, feature)                                        \
	"771:\n\t" default_ "\n772:\n\t" ALT_RECORD(replacement, feature)
/* The second replacement, of a later record, wins where both features are there. */
#define ALTERNATIVE_2(default_, replacement, feature, replacement2, feature2)              \
	ALTERNATIVE(default_, replacement, feature) ALT_RECORD(replacement2, feature2)
#define ALT_RECORD(replacement, feature)                                                   \
	".pushsection .altinstr_replacement, \"ax\"\n"                                     \
	"773:\n\t" replacement "\n774:\n\t"                                               \
	".popsection\n\t"                                                                 \
	".pushsection .altinstructions, \"a\"\n\t"                                        \
	".balign 4\n\t"                                                                   \
	".long 771b - .\n\t"                                                              \
	".long 773b - .\n\t"                                                              \
	".short " ALT_STRING(feature) "\n\t"                                              \
	".byte 772b - 771b, 774b - 773b\n\t"                                              \
	".popsection\n\t"
#define ALT_STRING(x) ALT_STRING_(x)
#define ALT_STRING_(x) #x

/*
 * Patches all sites.  Boot CPU only, before its doors are live, while the text is still writable.
 * NOPs the rest of a site with long NOPs.  Panics (ALT-1) on a second call.
 */
void alternatives_apply(void);

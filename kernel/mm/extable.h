/* SPDX-License-Identifier: MIT */
/*
 * The exception table: instructions that may fault on user memory (or on other values that
 * the kernel did not choose), each with the address where to go on if they do.  A record is
 * two 32-bit offsets, each relative to its own address, so it needs no relocation at run time.
 * kernel/mm/extable.inc makes the same records from NASM.
 */
#pragma once

#include "kernel/lib/compiler.h"

struct extable_record {
	int32_t fault;		/* the instruction that may fault */
	int32_t fixup;		/* where to resume then */
};

/*
 * For inline assembly: from and to are local labels, e.g. EXTABLE("1b", "2f").  The registers at
 * the fix-up are those of the fault, so its code must expect every output not yet written.
 */
#define EXTABLE(from, to)                                                                  \
	".pushsection .ex_table, \"a\"\n\t"                                                \
	".balign 4\n\t"                                                                    \
	".long " from " - .\n\t"                                                           \
	".long " to " - .\n\t"                                                             \
	".popsection\n\t"

/* The fix-up address for the instruction at ip, 0 if it has none.  Any context. */
uintptr_t extable_find(uintptr_t ip);

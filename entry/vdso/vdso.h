/* SPDX-License-Identifier: MIT */
/*
 * What the kernel tells the vDSO's functions: the page below the image, read-only in user mode.
 * The layout is the same for 32- and 64-bit programs.
 */
#pragma once

#include <stdint.h>

struct vdso_data {
	/* Constant since boot: monotonic ns = (TSC - tsc_at_boot) * ns_mult / 2^32. */
	uint64_t tsc_at_boot;
	uint64_t ns_mult;
	/*
	 * The wall clock minus the monotonic one.  seq is odd while it is being set, and has
	 * another value afterwards; a reader that sees either tries again.
	 */
	uint64_t realtime_offset;
	uint32_t seq;
	uint32_t pad;
	/* Seconds since 1970, brought up to date once a second: for time(). */
	uint64_t realtime_seconds;
};

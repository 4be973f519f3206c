/* SPDX-License-Identifier: MIT */
/* A set of page-frame ranges, as pure arithmetic: also built on the host. */
#pragma once

#include "boot/boot_info.h"

/*
 * Room for every RAM range, the holes that boot cuts (image, modules, tables), and the modules
 * given back (FRAME-2).
 */
#define FRAME_RANGES_MAX (BOOT_MAX_RANGES + 4 * BOOT_MAX_MODULES)

struct frame_range {
	uint64_t start, end;	/* frame numbers, [start, end) */
};

struct frame_ranges {
	unsigned n;
	struct frame_range range[FRAME_RANGES_MAX];
};

/* Appends [start, end); an empty one is left out.  False: no room. */
bool frame_ranges_add(struct frame_ranges *set, uint64_t start, uint64_t end);
/* Cuts [start, end) out of every range.  False: no room for a split, the set is as it was. */
bool frame_ranges_remove(struct frame_ranges *set, uint64_t start, uint64_t end);
/*
 * Cuts n frames out of the beginning of the first range that has them within [low, high).
 * Returns the first frame number; 0: none is large enough.
 */
uint64_t frame_ranges_take(struct frame_ranges *set, uint64_t n, uint64_t low, uint64_t high);
/* By address, lowest first. */
void frame_ranges_sort(struct frame_ranges *set);
uint64_t frame_ranges_count(const struct frame_ranges *set);

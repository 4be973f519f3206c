/* SPDX-License-Identifier: MIT */
/* Arithmetic on sets of page-frame ranges: what boot adds, cuts out and sets aside. */
#include "kernel/mm/frame_ranges.h"

bool frame_ranges_add(struct frame_ranges *set, uint64_t start, uint64_t end)
{
	if (start >= end)
		return true;
	if (set->n == FRAME_RANGES_MAX)
		return false;
	set->range[set->n++] = (struct frame_range){ start, end };
	return true;
}

bool frame_ranges_remove(struct frame_ranges *set, uint64_t start, uint64_t end)
{
	/* Ranges do not overlap, so only one of them can have [start, end) inside and be split. */
	for (unsigned i = 0; i < set->n; i++) {
		struct frame_range *r = &set->range[i];

		if (r->start < start && end < r->end) {
			if (!frame_ranges_add(set, end, r->end))
				return false;
			r->end = start;
			return true;
		}
	}
	for (unsigned i = 0; i < set->n; i++) {
		struct frame_range *r = &set->range[i];

		if (end <= r->start || r->end <= start)
			continue;
		if (r->start < start)
			r->end = start;
		else
			r->start = MIN(end, r->end);
	}
	return true;
}

uint64_t frame_ranges_take(struct frame_ranges *set, uint64_t n, uint64_t low, uint64_t high)
{
	for (unsigned i = 0; i < set->n; i++) {
		uint64_t start = MAX(set->range[i].start, low);
		uint64_t end = MIN(set->range[i].end, high);

		if (start < end && end - start >= n && frame_ranges_remove(set, start, start + n))
			return start;
	}
	return 0;
}

/* Insertion sort: the set is in order but for a few cut-off pieces at its end. */
void frame_ranges_sort(struct frame_ranges *set)
{
	for (unsigned i = 1; i < set->n; i++) {
		struct frame_range r = set->range[i];
		unsigned j = i;

		for (; j > 0 && set->range[j - 1].start > r.start; j--)
			set->range[j] = set->range[j - 1];
		set->range[j] = r;
	}
}

uint64_t frame_ranges_count(const struct frame_ranges *set)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < set->n; i++)
		count += set->range[i].end - set->range[i].start;
	return count;
}

/* SPDX-License-Identifier: MIT */
/* The rarer half of sched/segments.h: a switch from or to a thread that has selectors. */
#include "sched/segments.h"

void segments_load_selectors(const struct thread_segments *seg, unsigned plan)
{
	if (plan & LOAD_ES)
		load_es_index(seg->es);
	if (plan & LOAD_DS)
		load_ds_index(seg->ds);
	if (plan & LOAD_FS)
		load_fs_index(seg->fs);
	if (plan & LOAD_GS)
		load_gs_index(seg->gs);
	if (plan)
		this_cpu(segment_loads)++;
}

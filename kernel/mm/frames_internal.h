/* SPDX-License-Identifier: MIT */
/* The pool behind the CPUs' stocks of frames: filled by frames_init.c, used by frames.c. */
#pragma once

#include "kernel/lib/lock.h"
#include "kernel/mm/frame_ranges.h"

struct frame_pool {
	struct spinlock lock;
	uint32_t list;			/* frames that were in use, by page.next */
	uint64_t list_count;
	struct frame_ranges virgin;	/* lowest first: reachable before paging_init */
	unsigned at;			/* all virgin ranges before this one are empty */
	uint64_t total;
};

extern struct frame_pool frame_pool;

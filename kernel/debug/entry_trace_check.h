/* SPDX-License-Identifier: MIT */
/*
 * What must hold of the events of one CPU, taken in their order, if its threads do not leave it.
 * Pure C, also tested on the host.
 */
#pragma once

#include "kernel/debug/entry_trace.h"

#define TRACE_MAX_DEPTH 16
#define TRACE_MAX_THREADS 16

struct trace_checker {
	struct checked_thread {
		uint16_t id;
		bool known;		/* depth is */
		uint8_t depth;
		struct trace_event open[TRACE_MAX_DEPTH + 1];	/* number 0: not seen */
	} thread[TRACE_MAX_THREADS];
	struct trace_event last;	/* number 0: none */
	struct trace_event left;	/* the entry that last ended, if it was an exit */
	uint64_t events, pairs;		/* checked; arrivals where the last event had gone on */
};

/*
 * NULL, or which rule e breaks:
 *
 * TRACE-1	a thread's entries and exits are nested: an exit ends the innermost entry, with the
 *		same frame, to the mode that it came from
 * TRACE-2	from user mode, and to it, there is no other entry open
 * GS-3		what comes by the tristate at the instruction where the last event went on finds the
 *		GS that that one had found: its exit undid what its entry had done, once
 */
const char *trace_check(struct trace_checker *c, const struct trace_event *e);

/* SPDX-License-Identifier: MIT */
/*
 * Which segment registers a switch has to load: a pure function of what the registers hold and what the next thread
 * wants, tested on the host against a model of both kinds of CPU (tests/host/segment_plan.c).
 *
 * Both arguments hold four selectors: FS in the low 16 bits, then GS, DS, ES.  The bases of FS and GS need no
 * decision.  They are written after the loads at every switch, in both modes and on all CPUs; so it does not
 * matter whether loading a null selector clears the base, and nobody ever sees a base of another thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "kernel/cpu/segments.h"

#define LOAD_FS 1u
#define LOAD_GS 2u
#define LOAD_DS 4u
#define LOAD_ES 8u

/*
 * A selector that stays what it is need not be loaded if its descriptor is a constant: none (0 to 3) or the flat user
 * segment.  Any other one may stand for a new descriptor: of another thread, or changed meanwhile.
 */
static inline bool segment_needs_load(uint16_t live, uint16_t next)
{
	return live != next || (next > 3 && next != USER_DS);
}

static inline unsigned segment_plan(uint64_t live, uint64_t next)
{
	unsigned plan = 0;

	if (!(live | next))
		return 0;	/* 64-bit code that uses neither: no loads (R3.16) */
	for (unsigned i = 0; i < 4; i++, live >>= 16, next >>= 16)
		if (segment_needs_load((uint16_t)live, (uint16_t)next))
			plan |= 1u << i;
	return plan;
}

/* SPDX-License-Identifier: MIT */
/*
 * Whether a switch has to load the segment registers: a pure function of what they hold and what
 * the next thread wants, tested on the host against a model of both kinds of CPU
 * (tests/host/segment_plan.c).
 *
 * Both arguments hold four selectors, 16 bits each: FS, GS, DS, ES.  A selector that stays null
 * keeps meaning no segment.  Any other one may stand for a new descriptor, of another thread or
 * changed meanwhile, or has to be replaced by null: then all four are loaded.
 *
 * The bases of FS and GS need no decision.  They are written after the loads at every switch, in
 * both modes and on all CPUs; so it does not matter whether loading a null selector clears the
 * base, and nobody ever sees a base of another thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

static inline bool segments_must_load(uint64_t live, uint64_t next)
{
	return (live | next) != 0;	/* 64-bit code that uses none: no loads (R3.16) */
}

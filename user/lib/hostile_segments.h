/* SPDX-License-Identifier: MIT */
/*
 * FS and GS as a hostile program leaves them: random selectors, and in 64-bit code random bases,
 * which with FSGSBASE may look like the kernel's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state;		/* not 0 */
};

static inline uint64_t random_next(struct random *r)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return r->state * 0x2545f4914f6cdd1dull;
}

struct hostile {
	unsigned fs, gs;		/* selectors */
	unsigned long fs_base, gs_base;	/* 32-bit code: the word at 0, if there is one */
};

/* Once per process: descriptors in the LDT. */
void hostile_init(void);
/* Once per thread, below 4 GiB: descriptors for its TLS slots. */
void hostile_init_thread(void);
/* Loads something at random, and says what must be found from now on. */
struct hostile hostile_load(struct random *r);
struct hostile hostile_read(const struct hostile *loaded);
/* Null selectors and bases. */
void hostile_unload(void);

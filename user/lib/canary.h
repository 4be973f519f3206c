/* SPDX-License-Identifier: MIT */
/* A register file to fill, keep for a while in ring 3, and look at again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __x86_64__
#define CANARY_GENERAL 13	/* all but stack pointer, loop counter, and the pointer to this */
#define CANARY_VECTORS 16
#else
#define CANARY_GENERAL 5
#define CANARY_VECTORS 8
#endif

/* Offsets stand in canary64.asm, canary32.asm too. */
struct canary {
	unsigned long general[CANARY_GENERAL];
	unsigned long flags;
	uint64_t x87[8];			/* as integers, which survive exactly */
	uint32_t vector[CANARY_VECTORS][8];	/* 32 bytes: YMM; without AVX the first 16 count */
	uint32_t mxcsr;
	uint16_t control_word;
	uint16_t pad;
};

/* Loads *in, counts down from spins without any memory access, stores to *out. */
void canary_run(const struct canary *in, struct canary *out, unsigned long spins, bool avx);

/* OSXSAVE and AVX, and the kernel has enabled both halves of the YMM registers. */
bool canary_have_avx(void);
/* A pattern that tells which seed it is of, in every register. */
void canary_fill(struct canary *c, unsigned long seed, bool avx);

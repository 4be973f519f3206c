/* SPDX-License-Identifier: MIT */
/* Random numbers that are the same in every run, and values that kernels get wrong. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

void rnd_seed(uint64_t seed);	/* not 0 */
uint64_t rnd(void);		/* xorshift */
bool one_in(unsigned n);
/* Near powers of two, 0, -1, kernel addresses, anything. */
unsigned long hostile_word(void);
/* The kernel's, the user's, LDT and TLS slots, any. */
uint16_t hostile_selector(void);
/*
 * Arguments [FRAMES [PROCESSES [SEED]]]: what is given replaces what is there;
 * 16 processes at most.
 */
void hostile_arguments(int argc, char **argv, unsigned *frames, unsigned *processes,
		       unsigned *seed);

/* SPDX-License-Identifier: MIT */
/* Values for hostile frames and registers. */
#include "user/lib/hostile.h"
#include "user/lib/string.h"
#include "user/lib/sys.h"

static uint64_t random_state;

void rnd_seed(uint64_t seed)
{
	random_state = seed;
}

uint64_t rnd(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

bool one_in(unsigned n)
{
	return rnd() % n == 0;
}

unsigned long hostile_word(void)
{
	static const unsigned long words[] = { 0, 1, 8, 4096, ~0ul, ~0ul >> 1, ~0ul << 12,
					       (unsigned long)0xffffffff80000000, 0x7ffffff0 };

	switch (rnd() % 4) {
	case 0:
		return words[rnd() % COUNT(words)];
	case 1:
		return 1ul << rnd() % (8 * sizeof(long));
	case 2:
		return (1ul << rnd() % (8 * sizeof(long))) - 1 - rnd() % 16;
	default:
		return (unsigned long)rnd();
	}
}

uint16_t hostile_selector(void)
{
	static const uint16_t known[] = { 0, 3, 0x08, 0x10, 0x18, 0x23, 0x2b, 0x33, 0x38, 0x43,
					  0x4b, 0x53, 0x63, 0x6b, 0x73, 0x7b, 0x07, 0xffff };

	return one_in(3) ? (uint16_t)rnd() : known[rnd() % COUNT(known)];
}

void hostile_arguments(int argc, char **argv, unsigned *frames, unsigned *processes,
		       unsigned *seed)
{
	if (argc > 1)
		*frames = (unsigned)parse_number(argv[1]);
	if (argc > 2 && parse_number(argv[2]) <= 16)
		*processes = (unsigned)parse_number(argv[2]);
	if (argc > 3)
		*seed = (unsigned)parse_number(argv[3]);
}

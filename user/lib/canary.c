/* SPDX-License-Identifier: MIT */
/* Patterns for the register file of canary.h. */
#include "user/lib/canary.h"
#include "user/lib/regs.h"
#include "user/lib/string.h"
#include "user/lib/sys.h"

bool canary_have_avx(void)
{
	unsigned a = 1, b, c, d;

	__asm__("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	if ((c & (1u << 27 | 1u << 28)) != (1u << 27 | 1u << 28))
		return false;
	__asm__("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
	return (a & 6) == 6;
}

void canary_fill(struct canary *c, unsigned long seed, bool avx)
{
	static const unsigned flag_bits[] = { FLAG_CF, FLAG_PF, FLAG_AF, FLAG_ZF, FLAG_SF, FLAG_OF,
					      FLAG_DF };

	memset(c, 0, sizeof(*c));
	for (unsigned i = 0; i < CANARY_GENERAL; i++)
		c->general[i] = (seed * 0x9e3779b1ul + i) * (unsigned long)0x100000001b3ull;
	c->flags = FLAG_IF | FLAG_FIXED | flag_bits[seed % COUNT(flag_bits)];
	for (unsigned i = 0; i < 8; i++)
		c->x87[i] = (uint64_t)seed * 1000003 + i;
	for (unsigned i = 0; i < CANARY_VECTORS; i++)
		for (unsigned k = 0; k < (avx ? 8 : 4); k++)
			c->vector[i][k] = (uint32_t)(seed << 16 | i << 8 | k);
	c->mxcsr = 0x1f80 | (seed & 3) << 13;
	c->control_word = (uint16_t)(0x37f | (seed & 3) << 10);
}

/* SPDX-License-Identifier: MIT */
/* Alternatives: every site in the text gets, once, the instructions for this CPU. */
#include "kernel/cpu/alternative.h"

#include "kernel/cpu/features.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"

#define LONGEST_NOP 9

extern const struct alt_record __altinstructions_start[], __altinstructions_end[];
extern uint8_t __text_start[], __text_end[];

/* The recommended multi-byte forms (SDM vol. 2, NOP, table 4-12); row n is n bytes long. */
static const uint8_t nops[LONGEST_NOP + 1][LONGEST_NOP] = {
	[1] = { 0x90 },
	[2] = { 0x66, 0x90 },
	[3] = { 0x0f, 0x1f, 0x00 },
	[4] = { 0x0f, 0x1f, 0x40, 0x00 },
	[5] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 },
	[6] = { 0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00 },
	[7] = { 0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00 },
	[8] = { 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00 },
	[9] = { 0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00 },
};

/* Not memcpy, which may itself hold a site and must not be patched while it runs. */
static void copy_text(uint8_t *to, const uint8_t *from, size_t n)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n)::"memory");
}

/* More than one NOP would hold is jumped over: a filler costs one instruction. */
static void fill_nops(uint8_t *to, size_t n)
{
	if (n > LONGEST_NOP) {
		/* JMP rel8; a site has at most 127 bytes. */
		const uint8_t jump[2] = { 0xeb, n - 2 };

		ASSERT(n <= 127, "ALT-2");
		copy_text(to, jump, 2);
		to += 2;
		n -= 2;
	}
	while (n > 0) {
		size_t len = MIN(n, (size_t)LONGEST_NOP);

		copy_text(to, nops[len], len);
		to += len;
		n -= len;
	}
}

static bool record_applies(const struct alt_record *r)
{
	unsigned feature = r->feature & ~ALT_NOT;

	ASSERT(feature < FEATURE_COUNT, "ALT-2");
	return cpu_has(feature) != !!(r->feature & ALT_NOT);
}

static void apply(const struct alt_record *r)
{
	uint8_t *site = (uint8_t *)&r->site + r->site;
	const uint8_t *replacement = (const uint8_t *)&r->replacement + r->replacement;

	ASSERT(site >= __text_start && site + r->site_len <= __text_end, "ALT-2");
	ASSERT(r->replacement_len <= r->site_len, "ALT-2");
	copy_text(site, replacement, r->replacement_len);
	fill_nops(site + r->replacement_len, r->site_len - r->replacement_len);
}

/*
 * An NMI between the two copies of one site would run half-patched entry code.  It comes to the
 * early stubs, which hold no site, for the doors go live in cpu_area_load, later; CR4.MCE comes
 * there, too.
 */
void alternatives_apply(void)
{
	static bool applied;

	ASSERT(!applied, "ALT-1");
	ASSERT(!irqs_on(), "ALT-1");
	ASSERT(!percpu_ready, "ALT-1");		/* cpu_area_load has not run */
	applied = true;
	for (const struct alt_record *r = __altinstructions_start; r < __altinstructions_end; r++)
		if (record_applies(r))
			apply(r);
	/* Prefetched old bytes must not run: a serialising instruction (SDM vol. 3, 8.1.3). */
	cpuid(0, 0);
}

/* SPDX-License-Identifier: MIT */
/*
 * The result of a test run as 20 characters, for machines whose only output is a screen: someone
 * reads it there and types it into tests/tools/result-code.py, which tells what it says.
 *
 *	bits	4	10	10	10	10		7	1	2	31	15
 *		version	passed	failed	skipped	first failed	CPUs	FSGSBASE vendor	digest	CRC
 *
 * Five bits a character, highest first, in Crockford's alphabet: no I, L, O, U.  The CRC (the
 * polynomial of CAN, 0x4599) finds every wrong character and every two neighbours exchanged.
 */
#include "user/init/init.h"
#include "user/lib/print.h"
#include "user/lib/string.h"

#define VERSION	   1
#define CHARACTERS 20
#define CRC_BITS   15
#define CRC_POLY   0x4599

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static unsigned char bits[5 * CHARACTERS];	/* one a byte */
static unsigned used;

/* FNV-1a over the name, a verdict digit and LF. */
static uint32_t mix(uint32_t digest, unsigned char byte)
{
	return (digest ^ byte) * 0x01000193u;
}

uint32_t result_digest(uint32_t digest, const char *name, int verdict)
{
	if (!digest)
		digest = 0x811c9dc5u;
	for (; *name; name++)
		digest = mix(digest, (unsigned char)*name);
	digest = mix(digest, (unsigned char)(verdict == 0 ? '0' : verdict == 4 ? '4' : '1'));
	return mix(digest, '\n');
}

static void put_bits(uint32_t value, unsigned n)
{
	while (n--)
		bits[used++] = value >> n & 1;
}

static unsigned crc(void)
{
	unsigned value = 0;

	for (unsigned i = 0; i < used; i++) {
		bool out = (value >> (CRC_BITS - 1) & 1) ^ bits[i];

		value = value << 1 & ((1u << CRC_BITS) - 1);
		if (out)
			value ^= CRC_POLY;
	}
	return value;
}

/* 1: Intel, 2: AMD, 0: another. */
static unsigned vendor(void)
{
	unsigned eax = 0, ebx, ecx, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
	return ebx == 0x756e6547 ? 1 : ebx == 0x68747541 ? 2 : 0;
}

static unsigned at_most(unsigned value, unsigned limit)
{
	return value < limit ? value : limit;
}

void print_result_code(const struct result *r)
{
	char text[CHARACTERS + CHARACTERS / 5 + 1];
	unsigned n = 0;

	used = 0;
	put_bits(VERSION, 4);
	put_bits(at_most(r->passed, 1023), 10);
	put_bits(at_most(r->failed, 1023), 10);
	put_bits(at_most(r->skipped, 1023), 10);
	put_bits(at_most(r->first_failed, 1023), 10);
	put_bits(at_most(count_cpus(), 127), 7);
	put_bits(has_fsgsbase(), 1);
	put_bits(vendor(), 2);
	put_bits(r->digest & 0x7fffffff, 31);
	put_bits(crc(), CRC_BITS);
	for (unsigned i = 0; i < CHARACTERS; i++) {
		unsigned value = 0;

		for (unsigned bit = 0; bit < 5; bit++)
			value = value << 1 | bits[5 * i + bit];
		if (i && i % 5 == 0)
			text[n++] = '-';
		text[n++] = alphabet[value];
	}
	text[n] = '\0';
	print("# result code: %s\n", text);
}

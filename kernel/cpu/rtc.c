/* SPDX-License-Identifier: MIT */
/* The CMOS clock, read once at boot (MC146818 data sheet). */
#include "kernel/cpu/rtc.h"

#include "kernel/cpu/x86.h"
#include "kernel/lib/string.h"

#define CMOS_INDEX 0x70
#define CMOS_DATA  0x71

#define RTC_STATUS_A 0x0a
#define RTC_UPDATING 0x80
#define RTC_STATUS_B 0x0b
#define RTC_24_HOURS 0x02
#define RTC_BINARY   0x04
#define RTC_PM       0x80

/* An update takes 2 ms at most; a missing clock reads as ones for ever. */
#define MAX_POLLS 10000

enum rtc_field { SECOND, MINUTE, HOUR, DAY, MONTH, YEAR, FIELDS };
static const uint8_t rtc_register[FIELDS] = { 0x00, 0x02, 0x04, 0x07, 0x08, 0x09 };

static uint8_t cmos_read(uint8_t reg)
{
	outb(CMOS_INDEX, reg);
	return inb(CMOS_DATA);
}

static void read_fields(uint8_t f[FIELDS])
{
	for (unsigned i = 0; i < MAX_POLLS && cmos_read(RTC_STATUS_A) & RTC_UPDATING; i++)
		cpu_relax();
	for (unsigned i = 0; i < FIELDS; i++)
		f[i] = cmos_read(rtc_register[i]);
}

/* Twice the same, or an update fell between two of the fields. */
static bool read_stable(uint8_t f[FIELDS])
{
	uint8_t again[FIELDS];

	for (unsigned i = 0; i < 4; i++) {
		read_fields(f);
		read_fields(again);
		if (!memcmp(f, again, FIELDS))
			return true;
	}
	return false;
}

static unsigned from_bcd(uint8_t v)
{
	return (v >> 4) * 10 + (v & 15);
}

/* Days since 1970 of a Gregorian date.  Years begin in March here, so that leap days come last. */
static uint64_t days_since_epoch(unsigned year, unsigned month, unsigned day)
{
	unsigned y = month > 2 ? year : year - 1;
	unsigned m = month > 2 ? month - 3 : month + 9;

	return 365ull * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

uint64_t rtc_read_seconds(void)
{
	uint8_t raw[FIELDS], status = cmos_read(RTC_STATUS_B);
	unsigned v[FIELDS], year;
	bool pm;

	if (!read_stable(raw))
		return 0;
	pm = !(status & RTC_24_HOURS) && raw[HOUR] & RTC_PM;
	if (!(status & RTC_24_HOURS))
		raw[HOUR] &= ~RTC_PM;
	for (unsigned i = 0; i < FIELDS; i++)
		v[i] = status & RTC_BINARY ? raw[i] : from_bcd(raw[i]);
	if (!(status & RTC_24_HOURS))
		v[HOUR] = v[HOUR] % 12 + (pm ? 12 : 0);
	if (v[SECOND] > 59 || v[MINUTE] > 59 || v[HOUR] > 23 || v[DAY] < 1 || v[DAY] > 31 ||
	    v[MONTH] < 1 || v[MONTH] > 12 || v[YEAR] > 99)
		return 0;
	/* The century byte lies elsewhere on every board; two digits reach from 1970 to 2069. */
	year = v[YEAR] + (v[YEAR] < 70 ? 2000 : 1900);
	return ((days_since_epoch(year, v[MONTH], v[DAY]) * 24 + v[HOUR]) * 60 + v[MINUTE]) * 60 +
	       v[SECOND];
}

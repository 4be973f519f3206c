/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as ACPI tables.  The checksums are put right first, or no input would get behind them:
 * those of the root pointer at the start, and of the four tables at fixed places.
 */
#include <stdlib.h>
#include <string.h>
#include "kernel/cpu/acpi_parse.h"
#include "kernel/lib/print.h"
#include "tests/host/arena.h"

#define MEMORY 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t memory[MEMORY];

void printk(const char *fmt, ...)
{
}

static void put_right(uint8_t *from, uint8_t *checksum, size_t n)
{
	uint8_t sum = 0;

	*checksum = 0;
	for (size_t i = 0; i < n; i++)
		sum += from[i];
	*checksum = -sum;
}

static void put_all_right(void)
{
	static const unsigned tables[] = { 0x40, 0x100, 0x200, 0x400 };

	put_right(memory, memory + 8, 20);
	put_right(memory, memory + 32, 36);
	for (unsigned i = 0; i < ARRAY_SIZE(tables); i++) {
		uint8_t *table = memory + tables[i];
		uint32_t length;

		memcpy(&length, table + 4, sizeof(length));
		if (length <= MEMORY - tables[i])
			put_right(table, table + 9, length);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct acpi_info info;

	memset(memory, 0, MEMORY);
	memcpy(memory, data, MIN(size, (size_t)MEMORY));
	put_all_right();
	arena_reset(memory, MEMORY);
	acpi_parse(&info, ARENA_BASE, 3, arena_map);
	arena_free();
	if (info.ncpus == 0 || info.ncpus > ARRAY_SIZE(info.cpu_apic_id) ||
	    info.cpu_apic_id[0] != 3 || info.nioapics > ACPI_MAX_IOAPICS ||
	    (info.power.slp_typ_a > 7 && info.power.slp_typ_a != ACPI_UNKNOWN) ||
	    (info.power.slp_typ_b > 7 && info.power.slp_typ_b != ACPI_UNKNOWN))
		abort();
	return 0;
}

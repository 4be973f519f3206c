/* SPDX-License-Identifier: MIT */
/* The parser behind acpi_init: pure C over a map function, so that it also runs on the host. */
#pragma once

#include "kernel/cpu/acpi.h"

/* A readable pointer to len bytes at a physical address, or NULL.  It stays valid for the boot. */
typedef const void *acpi_map_fn(uint64_t phys, uint64_t len);

/* What every ACPI table begins with (ACPI 6.4, 5.2.6). */
struct __packed acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem_id[6], oem_table_id[8];
	uint32_t oem_revision, creator_id, creator_revision;
};

/*
 * Fills out from the tables under the RSDP at rsdp (0: search the BIOS area).  boot_apic_id is
 * the CPU that runs: it comes first in the list.  What is missing or broken keeps its default.
 */
void acpi_parse(struct acpi_info *out, uint64_t rsdp, uint32_t boot_apic_id, acpi_map_fn *map);

/* n little-endian bytes at an offset of a table; 0 beyond its end (an older, shorter revision). */
uint64_t acpi_field(const struct acpi_header *t, size_t offset, size_t n);

/* Its parts.  The tables have passed the checks of length and checksum. */
void acpi_parse_madt(struct acpi_info *out, const struct acpi_header *madt);
void acpi_parse_fadt(struct acpi_info *out, const struct acpi_header *fadt, acpi_map_fn *map);
/* The whole table at phys, checked; NULL, after one line that says why not. */
const struct acpi_header *acpi_table(uint64_t phys, acpi_map_fn *map);

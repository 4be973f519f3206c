/* SPDX-License-Identifier: MIT */
/* What the kernel takes from the FADT: how to switch off, how to reset, the timer.  No AML. */
#include "kernel/cpu/acpi_parse.h"

#include "kernel/lib/string.h"

/* Offsets (ACPI 6.4, 5.2.9). */
#define FADT_DSDT	    40
#define FADT_SMI_COMMAND    48
#define FADT_ACPI_ENABLE    52
#define FADT_PM1A_CONTROL   64
#define FADT_PM1B_CONTROL   68
#define FADT_PM_TIMER	    76
#define FADT_FLAGS	    112
#define FADT_RESET_REGISTER 116
#define FADT_RESET_VALUE    128
#define FADT_X_DSDT	    140
#define FADT_X_PM1A_CONTROL 172
#define FADT_X_PM1B_CONTROL 184
#define FADT_X_PM_TIMER	    208
#define FLAG_RESET_REGISTER (1u << 10)
#define GAS_ADDRESS	    4	/* of a generic address, behind its space and sizes */
#define SLP_TYP_MAX	    7

/* 0, which means none, for what cannot be an I/O port. */
static uint16_t checked_port(uint64_t address)
{
	return address <= 0xffff ? (uint16_t)address : 0;
}

/* An I/O port: the old field, or where that is 0 the generic address of ACPI 2. */
static uint16_t port(const struct acpi_header *t, size_t old, size_t generic)
{
	uint64_t p = acpi_field(t, old, 4);

	if (!p && acpi_field(t, generic, 1) == GAS_SYSTEM_IO)
		p = acpi_field(t, generic + GAS_ADDRESS, 8);
	return checked_port(p);
}

/*
 * An element of a package: ZeroOp, OneOp, or BytePrefix and byte.  Moves *at behind it.  SLP_TYP
 * has three bits: what is larger is none.
 */
static uint16_t element(const uint8_t *aml, size_t n, size_t *at)
{
	uint16_t value = ACPI_UNKNOWN;

	if (*at < n && aml[*at] <= 1) {
		value = aml[*at];
		*at += 1;
	} else if (*at + 1 < n && aml[*at] == 0x0a) {
		value = aml[*at + 1];
		*at += 2;
	}
	return value <= SLP_TYP_MAX ? value : ACPI_UNKNOWN;
}

/*
 * The values for SLP_TYP that \_S5 names, without an AML interpreter: NameOp, perhaps a
 * backslash, "_S5_", PackageOp, its length in 1-4 bytes, the number of elements, and the first
 * two elements (ACPI 6.4, 20.2).
 */
static void find_s5(struct acpi_power *p, const uint8_t *aml, size_t n)
{
	for (size_t i = 2; i + 12 <= n; i++) {
		size_t at = i + 5;

		if (aml[i] != '_' || memcmp(aml + i, "_S5_\x12", 5))
			continue;
		if (aml[i - 1] != 0x08 && !(aml[i - 1] == '\\' && aml[i - 2] == 0x08))
			continue;
		at += 1 + (aml[at] >> 6) + 1;
		p->slp_typ_a = element(aml, n, &at);
		p->slp_typ_b = element(aml, n, &at);
		if (p->slp_typ_a != ACPI_UNKNOWN)
			return;
	}
}

static void parse_reset(struct acpi_power *p, const struct acpi_header *t)
{
	if (!(acpi_field(t, FADT_FLAGS, 4) & FLAG_RESET_REGISTER))
		return;
	p->reset_space = acpi_field(t, FADT_RESET_REGISTER, 1);
	p->reset_address = acpi_field(t, FADT_RESET_REGISTER + GAS_ADDRESS, 8);
	p->reset_value = acpi_field(t, FADT_RESET_VALUE, 1);
}

void acpi_parse_fadt(struct acpi_info *out, const struct acpi_header *t, acpi_map_fn *map)
{
	uint64_t dsdt_phys = acpi_field(t, FADT_X_DSDT, 8);
	struct acpi_power *p = &out->power;
	const struct acpi_header *dsdt;

	p->smi_command = checked_port(acpi_field(t, FADT_SMI_COMMAND, 4));
	p->acpi_enable = acpi_field(t, FADT_ACPI_ENABLE, 1);
	p->pm1a_control = port(t, FADT_PM1A_CONTROL, FADT_X_PM1A_CONTROL);
	p->pm1b_control = port(t, FADT_PM1B_CONTROL, FADT_X_PM1B_CONTROL);
	parse_reset(p, t);
	out->pm_timer_port = port(t, FADT_PM_TIMER, FADT_X_PM_TIMER);
	if (!dsdt_phys)
		dsdt_phys = acpi_field(t, FADT_DSDT, 4);
	dsdt = dsdt_phys ? acpi_table(dsdt_phys, map) : NULL;
	if (dsdt)
		find_s5(p, (const uint8_t *)(dsdt + 1), dsdt->length - sizeof(*dsdt));
}

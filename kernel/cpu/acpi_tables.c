/* SPDX-License-Identifier: MIT */
/* What the kernel takes from the MADT (CPUs, IOAPICs, overrides) and the FADT (power, timer). */
#include "kernel/cpu/acpi_parse.h"

#include "kernel/lib/print.h"
#include "kernel/lib/string.h"

/* MADT entry types (ACPI 6.4, 5.2.12). */
enum {
	MADT_LAPIC = 0,
	MADT_IOAPIC = 1,
	MADT_OVERRIDE = 2,
	MADT_LAPIC_ADDRESS = 5,
	MADT_X2APIC = 9
};

#define MADT_ENTRIES 44		/* offset of the first entry */
#define CPU_ENABLED 1u
#define POLARITY_LOW 3u		/* of an override's flags, bits 1:0 */
#define TRIGGER_LEVEL 3u	/* bits 3:2 */

/* FADT offsets (5.2.9). */
#define FADT_DSDT        40
#define FADT_PM1A_CONTROL 64
#define FADT_PM_TIMER    76
#define FADT_X_DSDT      140
#define FADT_X_PM1A_CONTROL 172
#define FADT_X_PM_TIMER  208
#define GAS_SYSTEM_IO    1	/* address space of a generic address: first byte; address at +4 */
#define GAS_ADDRESS      4

/* n little-endian bytes at an offset of a table; 0 beyond its end (an older, shorter revision). */
static uint64_t field(const struct acpi_header *t, size_t offset, size_t n)
{
	uint64_t v = 0;

	if (offset + n <= t->length)
		memcpy(&v, (const uint8_t *)t + offset, n);
	return v;
}

static void add_cpu(struct acpi_info *out, uint32_t apic_id, uint64_t flags, unsigned *left_out)
{
	if (!(flags & CPU_ENABLED))
		return;
	/* Firmware may list a CPU both as LAPIC and as x2APIC. */
	for (unsigned i = 0; i < out->ncpus; i++)
		if (out->cpu_apic_id[i] == apic_id)
			return;
	if (out->ncpus < ARRAY_SIZE(out->cpu_apic_id))
		out->cpu_apic_id[out->ncpus++] = apic_id;
	else if (!(*left_out)++)
		printk("acpi: more than %u CPUs: left out from APIC id %u on\n", out->ncpus,
		       apic_id);
}

static void add_ioapic(struct acpi_info *out, uint64_t address, uint32_t gsi_base)
{
	if (out->nioapics == ACPI_MAX_IOAPICS) {
		printk("acpi: IOAPIC at %llx is one too many, left out\n",
		       (unsigned long long)address);
		return;
	}
	out->ioapic[out->nioapics++] = (struct acpi_ioapic){ address, gsi_base };
}

static void add_override(struct acpi_info *out, unsigned irq, uint32_t gsi, unsigned flags)
{
	if (irq >= ARRAY_SIZE(out->isa)) {
		printk("acpi: override for ISA IRQ %u, which does not exist, ignored\n", irq);
		return;
	}
	out->isa[irq] = (struct acpi_override){
		.gsi = gsi,
		.active_low = (flags & 3) == POLARITY_LOW,
		.level = (flags >> 2 & 3) == TRIGGER_LEVEL,
	};
}

void acpi_parse_madt(struct acpi_info *out, const struct acpi_header *t)
{
	/* Smallest length of each entry type that is read. */
	static const uint8_t shortest[] = {
		[MADT_LAPIC] = 8,
		[MADT_IOAPIC] = 12,
		[MADT_OVERRIDE] = 10,
		[MADT_LAPIC_ADDRESS] = 12,
		[MADT_X2APIC] = 16,
	};
	unsigned left_out = 0, len;

	if (out->has_madt || t->length < MADT_ENTRIES)
		return;
	out->has_madt = true;
	out->lapic_address = field(t, 36, 4);
	for (size_t at = MADT_ENTRIES; at + 2 <= t->length; at += len) {
		unsigned type = (unsigned)field(t, at, 1);

		len = (unsigned)field(t, at + 1, 1);
		if (len < 2 || len > t->length - at ||
		    (type < ARRAY_SIZE(shortest) && len < shortest[type])) {
			printk("acpi: MADT entry at %zu has the wrong length %u, rest ignored\n",
			       at, len);
			return;
		}
		if (type == MADT_LAPIC)
			add_cpu(out, field(t, at + 3, 1), field(t, at + 4, 4), &left_out);
		else if (type == MADT_X2APIC)
			add_cpu(out, field(t, at + 4, 4), field(t, at + 8, 4), &left_out);
		else if (type == MADT_IOAPIC)
			add_ioapic(out, field(t, at + 4, 4), field(t, at + 8, 4));
		else if (type == MADT_OVERRIDE)
			add_override(out, field(t, at + 3, 1), field(t, at + 4, 4),
				     field(t, at + 8, 2));
		else if (type == MADT_LAPIC_ADDRESS)
			out->lapic_address = field(t, at + 4, 8);
	}
}

/* An I/O port: the old field, or where that is 0 the generic address of ACPI 2. */
static uint32_t port(const struct acpi_header *t, size_t old, size_t generic)
{
	uint64_t p = field(t, old, 4);

	if (!p && field(t, generic, 1) == GAS_SYSTEM_IO)
		p = field(t, generic + GAS_ADDRESS, 8);
	return p <= 0xffff ? (uint32_t)p : 0;
}

/*
 * The value for SLP_TYP that \_S5 names, without an AML interpreter: NameOp, perhaps a
 * backslash, "_S5_", PackageOp, its length in 1-4 bytes, the number of elements, and the first
 * element as ZeroOp, OneOp or BytePrefix and byte (ACPI 6.4, 20.2).
 */
static uint16_t find_s5(const uint8_t *aml, size_t n)
{
	for (size_t i = 2; i + 12 <= n; i++) {
		size_t at = i + 5;

		if (aml[i] != '_' || memcmp(aml + i, "_S5_\x12", 5))
			continue;
		if (aml[i - 1] != 0x08 && !(aml[i - 1] == '\\' && aml[i - 2] == 0x08))
			continue;
		at += 1 + (aml[at] >> 6) + 1;
		if (at < n && aml[at] <= 1)
			return aml[at];
		if (at + 1 < n && aml[at] == 0x0a)
			return aml[at + 1];
	}
	return 0xffff;
}

void acpi_parse_fadt(struct acpi_info *out, const struct acpi_header *t, acpi_map_fn *map)
{
	uint64_t dsdt_phys = field(t, FADT_X_DSDT, 8);
	const struct acpi_header *dsdt;

	out->pm1a_control = (uint16_t)port(t, FADT_PM1A_CONTROL, FADT_X_PM1A_CONTROL);
	out->pm_timer_port = port(t, FADT_PM_TIMER, FADT_X_PM_TIMER);
	if (!dsdt_phys)
		dsdt_phys = field(t, FADT_DSDT, 4);
	dsdt = dsdt_phys ? acpi_table(dsdt_phys, map) : NULL;
	if (dsdt)
		out->slp_typ_s5 = find_s5((const uint8_t *)(dsdt + 1),
					  dsdt->length - sizeof(*dsdt));
}

/* SPDX-License-Identifier: MIT */
/* What the kernel takes from the MADT: CPUs, IOAPICs, overrides. */
#include "kernel/cpu/acpi_parse.h"

#include "kernel/lib/print.h"

/* MADT entry types (ACPI 6.4, 5.2.12). */
enum {
	MADT_LAPIC = 0,
	MADT_IOAPIC = 1,
	MADT_OVERRIDE = 2,
	MADT_LAPIC_NMI = 4,
	MADT_LAPIC_ADDRESS = 5,
	MADT_X2APIC = 9,
	MADT_X2APIC_NMI = 10
};

#define MADT_ENTRIES 44		/* offset of the first entry */
#define CPU_ENABLED 1u
#define LAPIC_BROADCAST  0xff		/* no CPU's id: an INIT to it would reset this CPU, too */
#define X2APIC_BROADCAST 0xffffffff
#define POLARITY_LOW 3u		/* of an override's flags, bits 1:0 */
#define TRIGGER_LEVEL 3u	/* bits 3:2 */

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

/* Firmware fills unused entries with the broadcast id, mostly but not always disabled. */
static bool is_one_cpu(uint32_t apic_id, uint32_t broadcast, uint64_t flags)
{
	if (apic_id == broadcast && (flags & CPU_ENABLED))
		printk("acpi: a CPU with APIC id %x, which means all of them, ignored\n", apic_id);
	return apic_id != broadcast;
}

static void add_cpu_entry(struct acpi_info *out, const struct acpi_header *t, size_t at,
			  unsigned *left_out)
{
	bool wide = acpi_field(t, at, 1) == MADT_X2APIC;
	uint32_t apic_id = (uint32_t)(wide ? acpi_field(t, at + 4, 4) : acpi_field(t, at + 3, 1));
	uint64_t flags = acpi_field(t, at + (wide ? 8 : 4), 4);

	if (is_one_cpu(apic_id, wide ? X2APIC_BROADCAST : LAPIC_BROADCAST, flags))
		add_cpu(out, apic_id, flags, left_out);
}

/* Every board has the NMI on LINT1, and apic_enable takes it from there. */
static void check_nmi_pin(struct acpi_info *out, unsigned lint)
{
	if (lint == 1 || out->nmi_elsewhere)
		return;
	out->nmi_elsewhere = true;
	printk("acpi: the NMI is wired to LINT%u: only LINT1 is listened to\n", lint);
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
		[MADT_LAPIC_NMI] = 6,
		[MADT_LAPIC_ADDRESS] = 12,
		[MADT_X2APIC] = 16,
		[MADT_X2APIC_NMI] = 12,
	};
	unsigned left_out = 0, len;

	if (out->has_madt || t->length < MADT_ENTRIES)
		return;
	out->has_madt = true;
	out->lapic_address = acpi_field(t, 36, 4);
	for (size_t at = MADT_ENTRIES; at + 2 <= t->length; at += len) {
		unsigned type = (unsigned)acpi_field(t, at, 1);

		len = (unsigned)acpi_field(t, at + 1, 1);
		if (len < 2 || len > t->length - at ||
		    (type < ARRAY_SIZE(shortest) && len < shortest[type])) {
			printk("acpi: MADT entry at %zu has the wrong length %u, rest ignored\n",
			       at, len);
			return;
		}
		if (type == MADT_LAPIC || type == MADT_X2APIC)
			add_cpu_entry(out, t, at, &left_out);
		else if (type == MADT_IOAPIC)
			add_ioapic(out, acpi_field(t, at + 4, 4), acpi_field(t, at + 8, 4));
		else if (type == MADT_OVERRIDE)
			add_override(out, acpi_field(t, at + 3, 1), acpi_field(t, at + 4, 4),
				     acpi_field(t, at + 8, 2));
		else if (type == MADT_LAPIC_NMI)
			check_nmi_pin(out, (unsigned)acpi_field(t, at + 5, 1));
		else if (type == MADT_X2APIC_NMI)
			check_nmi_pin(out, (unsigned)acpi_field(t, at + 8, 1));
		else if (type == MADT_LAPIC_ADDRESS)
			out->lapic_address = acpi_field(t, at + 4, 8);
	}
}

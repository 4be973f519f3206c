/* SPDX-License-Identifier: MIT */
/* From the RSDP through RSDT or XSDT to the tables (ACPI 6.4, 5.2). */
#include "kernel/cpu/acpi_parse.h"

#include "kernel/lib/print.h"
#include "kernel/lib/string.h"

#define RSDP_LENGTH_V1 20
#define TABLE_MAX MIB(4)	/* more is a wrong pointer */
#define ROOT_MAX 256		/* tables; no real machine has half of it */

struct __packed acpi_rsdp {
	char signature[8];
	uint8_t checksum;
	char oem_id[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;	/* from revision 2 */
	uint64_t xsdt;
	uint8_t extended_checksum, reserved[3];
};

static uint8_t sum(const void *p, size_t n)
{
	uint8_t total = 0;

	for (size_t i = 0; i < n; i++)
		total += ((const uint8_t *)p)[i];
	return total;
}

const struct acpi_header *acpi_table(uint64_t phys, acpi_map_fn *map)
{
	const struct acpi_header *h = map(phys, sizeof(*h));
	uint32_t length;

	if (!h) {
		printk("acpi: table pointer %llx is not memory, ignored\n",
		       (unsigned long long)phys);
		return NULL;
	}
	length = h->length;
	if (length < sizeof(*h) || length > TABLE_MAX || !(h = map(phys, length))) {
		printk("acpi: table at %llx has the impossible length %u, ignored\n",
		       (unsigned long long)phys, length);
		return NULL;
	}
	if (sum(h, length)) {
		printk("acpi: table %.4s at %llx has a wrong checksum, ignored\n", h->signature,
		       (unsigned long long)phys);
		return NULL;
	}
	return h;
}

uint64_t acpi_field(const struct acpi_header *t, size_t offset, size_t n)
{
	uint64_t v = 0;

	if (offset + n <= t->length)
		memcpy(&v, (const uint8_t *)t + offset, n);
	return v;
}

static bool rsdp_is_valid(const struct acpi_rsdp *r, size_t available)
{
	if (available < RSDP_LENGTH_V1 || memcmp(r->signature, "RSD PTR ", 8) ||
	    sum(r, RSDP_LENGTH_V1))
		return false;
	if (r->revision < 2)
		return true;
	return available >= sizeof(*r) && r->length == sizeof(*r) && !sum(r, sizeof(*r));
}

static const struct acpi_rsdp *rsdp_at(uint64_t phys, acpi_map_fn *map)
{
	const struct acpi_rsdp *r = map(phys, sizeof(*r));

	return r && rsdp_is_valid(r, sizeof(*r)) ? r : NULL;
}

/* On a 16-byte boundary of an area. */
static const struct acpi_rsdp *search_area(uint64_t start, size_t len, acpi_map_fn *map)
{
	const uint8_t *area = start ? map(start, len) : NULL;

	for (size_t at = 0; area && at < len; at += 16)
		if (rsdp_is_valid((const struct acpi_rsdp *)(area + at), len - at))
			return (const struct acpi_rsdp *)(area + at);
	return NULL;
}

/* The first KiB of the extended BIOS data area (its segment stands at 40:0e), then the BIOS. */
static const struct acpi_rsdp *search_rsdp(acpi_map_fn *map)
{
	const uint8_t *ebda = map(0x40e, 2);
	const struct acpi_rsdp *found = NULL;

	if (ebda)
		found = search_area((uint64_t)(ebda[0] | ebda[1] << 8) << 4, 0x400, map);
	return found ? found : search_area(0xe0000, 0x20000, map);
}

/* The tables that the kernel reads; others are not even mapped as a whole. */
static void visit(struct acpi_info *out, uint64_t phys, acpi_map_fn *map)
{
	const struct acpi_header *h = map(phys, sizeof(*h));
	bool madt = h && !memcmp(h->signature, "APIC", 4);
	bool fadt = h && !memcmp(h->signature, "FACP", 4);

	if (!madt && !fadt)
		return;
	h = acpi_table(phys, map);
	if (!h)
		return;
	if (madt)
		acpi_parse_madt(out, h);
	else
		acpi_parse_fadt(out, h, map);
}

static void walk_root(struct acpi_info *out, const struct acpi_rsdp *rsdp, acpi_map_fn *map)
{
	bool wide = rsdp->revision >= 2 && rsdp->xsdt;
	const struct acpi_header *root = acpi_table(wide ? rsdp->xsdt : rsdp->rsdt, map);
	size_t size = wide ? 8 : 4, end;

	if (!root && wide && rsdp->rsdt) {	/* better the old list than none */
		wide = false;
		size = 4;
		root = acpi_table(rsdp->rsdt, map);
	}
	if (!root)
		return;
	end = MIN((size_t)root->length, sizeof(*root) + ROOT_MAX * size);
	for (size_t at = sizeof(*root); at + size <= end; at += size) {
		uint64_t phys = 0;

		memcpy(&phys, (const uint8_t *)root + at, size);	/* not aligned */
		visit(out, phys, map);
	}
}

/* The boot CPU goes first, and is there even if the MADT forgot it. */
static void put_boot_cpu_first(struct acpi_info *out, uint32_t boot_apic_id)
{
	unsigned i = 0;

	while (i < out->ncpus && out->cpu_apic_id[i] != boot_apic_id)
		i++;
	if (i == out->ncpus) {
		if (out->has_madt)
			printk("acpi: MADT does not list the boot CPU, APIC id %u\n", boot_apic_id);
		if (out->ncpus < ARRAY_SIZE(out->cpu_apic_id))
			out->ncpus++;
		else
			i--;
	}
	for (; i > 0; i--)
		out->cpu_apic_id[i] = out->cpu_apic_id[i - 1];
	out->cpu_apic_id[0] = boot_apic_id;
}

void acpi_parse(struct acpi_info *out, uint64_t rsdp_phys, uint32_t boot_apic_id, acpi_map_fn *map)
{
	const struct acpi_rsdp *rsdp;

	*out = (struct acpi_info){ .lapic_address = 0xfee00000, .power.slp_typ_a = ACPI_UNKNOWN };
	for (unsigned i = 0; i < ARRAY_SIZE(out->isa); i++)
		out->isa[i].gsi = i;
	rsdp = rsdp_phys ? rsdp_at(rsdp_phys, map) : search_rsdp(map);
	if (rsdp)
		walk_root(out, rsdp, map);
	else
		printk("acpi: no root pointer%s\n", rsdp_phys ? " where the boot loader said" : "");
	put_boot_cpu_first(out, boot_apic_id);
	if (!out->has_madt)
		printk("acpi: no MADT: no other CPUs, IOAPIC assumed at its usual place\n");
	/* Without a MADT: the address that every chip set before ACPI used. */
	if (!out->has_madt)
		out->ioapic[out->nioapics++].address = 0xfec00000;
}

/* SPDX-License-Identifier: MIT */
/* Gives the ACPI parser its memory: the direct map, or a new mapping for tables outside it. */
#include "kernel/cpu/acpi.h"

#include "kernel/cpu/acpi_parse.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/x86.h"
#include "kernel/mm/paging.h"
#include "kernel/mm/vmap.h"

struct acpi_info acpi_info;

static bool in_direct_map(uint64_t phys, uint64_t len)
{
	for (uint64_t page = phys & PAGE_MASK; page < phys + len; page += PAGE_SIZE)
		if (!paging_lookup(kernel_pml4, (uintptr_t)phys_to_virt(page)))
			return false;
	return true;
}

/* Addresses come from firmware and may be anything; where nothing is, ones are read. */
static const void *map_table(uint64_t phys, uint64_t len)
{
	if (phys >> cpu_info.phys_bits || (phys + len) >> cpu_info.phys_bits)
		return NULL;
	if (in_direct_map(phys, len))
		return phys_to_virt(phys);
	return (const void *)vmap_mmio(phys, len);
}

/* Before the APIC is mapped: the id in CPUID, 32 bits wide where there is leaf 0xb (SDM vol. 2). */
static uint32_t boot_apic_id(void)
{
	if (cpuid(0, 0).eax >= 0xb && cpuid(0xb, 0).ebx)
		return cpuid(0xb, 0).edx;
	return cpuid(1, 0).ebx >> 24;
}

void acpi_init(uint64_t rsdp_phys)
{
	acpi_parse(&acpi_info, rsdp_phys, boot_apic_id(), map_table);
}

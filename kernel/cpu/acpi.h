/* SPDX-License-Identifier: MIT */
/* The three ACPI tables that this kernel reads: MADT (CPUs, IOAPICs), FADT (power), no AML. */
#pragma once

#include "kernel/lib/compiler.h"

#define ACPI_MAX_IOAPICS 8

struct acpi_ioapic {
	uint64_t address;
	uint32_t gsi_base;
};

struct acpi_override {	/* ISA IRQ n arrives as this global system interrupt */
	uint32_t gsi;
	bool active_low, level;
};

struct acpi_info {
	bool has_madt;
	uint64_t lapic_address;
	unsigned ncpus;
	uint32_t cpu_apic_id[64];	/* enabled processors, boot CPU first */
	unsigned nioapics;
	struct acpi_ioapic ioapic[ACPI_MAX_IOAPICS];
	struct acpi_override isa[16];
	uint16_t pm1a_control;		/* 0: unknown */
	uint16_t slp_typ_s5;		/* only found by the \_S5 byte search; 0xffff: unknown */
	uint32_t pm_timer_port;		/* 0: none */
};

extern struct acpi_info acpi_info;

/* Checks every checksum and length; a broken table is named in one line and ignored. */
void acpi_init(uint64_t rsdp_phys);

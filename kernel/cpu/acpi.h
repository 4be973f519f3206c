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

#define ACPI_UNKNOWN 0xffff

/* What switches the machine off and on again (FADT, and \_S5 of the DSDT). */
struct acpi_power {
	uint16_t smi_command;		/* port; 0: the machine is always in ACPI mode */
	uint8_t acpi_enable;		/* what to write there to get into it */
	uint16_t pm1a_control, pm1b_control;	/* ports, 0: none */
	uint16_t slp_typ_a, slp_typ_b;	/* found by a byte search: 0-7 or ACPI_UNKNOWN */
	uint8_t reset_space;		/* address space, GAS_*; 0 (memory): none, not supported */
	uint8_t reset_value;
	uint64_t reset_address;
};

/* Address spaces of a generic address (ACPI 6.4, 5.2.3.2). */
#define GAS_SYSTEM_IO  1
#define GAS_PCI_CONFIG 2

struct acpi_info {
	bool has_madt;
	bool nmi_elsewhere;	/* not on LINT1 */
	uint64_t lapic_address;
	unsigned ncpus;
	uint32_t cpu_apic_id[64];	/* enabled processors, boot CPU first */
	unsigned nioapics;
	struct acpi_ioapic ioapic[ACPI_MAX_IOAPICS];
	struct acpi_override isa[16];
	struct acpi_power power;
	uint16_t pm_timer_port;		/* 0: none */
};

extern struct acpi_info acpi_info;

/* Checks every checksum and length; a broken table is named in one line and ignored. */
void acpi_init(uint64_t rsdp_phys);

/* Both return if the machine is still there.  Any context, interrupts off. */
void acpi_power_off(void);
void acpi_reset(void);

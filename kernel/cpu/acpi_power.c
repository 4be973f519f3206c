/* SPDX-License-Identifier: MIT */
/*
 * Switching off and resetting by the registers of the FADT (ACPI 6.4, 4.8.3.2.1 and 4.8.3.6).
 * Without AML nothing is told to devices before (_PTS, _GTS): nobody here uses any.
 */
#include "kernel/cpu/acpi.h"
#include "kernel/cpu/x86.h"

#define PM1_SCI_EN	 1u		/* in ACPI mode */
#define PM1_SLP_TYP(t)	 ((t) << 10)
#define PM1_SLP_TYP_MASK PM1_SLP_TYP(7u)
#define PM1_SLP_EN	 (1u << 13)
#define POST_PORT	 0x80
#define SECOND		 1000000	/* reads of an unused port: a microsecond each */
#define PCI_ADDRESS	 0xcf8
#define PCI_DATA	 0xcfc
#define PCI_ENABLE	 (1u << 31)

static void wait(unsigned microseconds)
{
	for (unsigned i = 0; i < microseconds; i++)
		inb(POST_PORT);
}

/* The sleep registers do nothing in legacy mode; the firmware's SMI handler changes it. */
static void enter_acpi_mode(const struct acpi_power *p)
{
	if (!p->smi_command || !p->acpi_enable || (inw(p->pm1a_control) & PM1_SCI_EN))
		return;
	outb(p->smi_command, p->acpi_enable);
	for (unsigned i = 0; i < 1000 && !(inw(p->pm1a_control) & PM1_SCI_EN); i++)
		wait(1000);
}

static void write_sleep(uint16_t port, uint16_t type, uint16_t enable)
{
	if (port && type != ACPI_UNKNOWN)
		outw(port, (inw(port) & ~(PM1_SLP_TYP_MASK | PM1_SLP_EN)) | PM1_SLP_TYP(type) |
				   enable);
}

void acpi_power_off(void)
{
	const struct acpi_power *p = &acpi_info.power;

	if (!p->pm1a_control || p->slp_typ_a == ACPI_UNKNOWN)
		return;
	enter_acpi_mode(p);
	/* Both halves know the type before either is told to go. */
	write_sleep(p->pm1a_control, p->slp_typ_a, 0);
	write_sleep(p->pm1b_control, p->slp_typ_b, 0);
	write_sleep(p->pm1a_control, p->slp_typ_a, PM1_SLP_EN);
	write_sleep(p->pm1b_control, p->slp_typ_b, PM1_SLP_EN);
	wait(SECOND);
}

/* A byte in configuration space; the address holds device, function and offset of bus 0. */
static void write_pci_byte(uint64_t address, uint8_t value)
{
	uint32_t device = address >> 32 & 0x1f, function = address >> 16 & 7;
	uint32_t offset = address & 0xff;

	outl(PCI_ADDRESS, PCI_ENABLE | device << 11 | function << 8 | (offset & 0xfc));
	outb(PCI_DATA + (offset & 3), value);
}

void acpi_reset(void)
{
	const struct acpi_power *p = &acpi_info.power;

	if (p->reset_space == GAS_SYSTEM_IO && p->reset_address && p->reset_address <= 0xffff)
		outb((uint16_t)p->reset_address, p->reset_value);
	else if (p->reset_space == GAS_PCI_CONFIG)
		write_pci_byte(p->reset_address, p->reset_value);
	else
		return;
	wait(SECOND / 10);
}

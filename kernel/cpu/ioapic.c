/* SPDX-License-Identifier: MIT */
/* Device interrupts: the two 8259s, switched off, and the IOAPICs, which the kernel uses. */
#include "kernel/cpu/apic.h"

#include <asm/errno.h>
#include "kernel/cpu/acpi.h"
#include "kernel/cpu/apic_regs.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/x86.h"
#include "kernel/lib/print.h"
#include "kernel/mm/vmap.h"

#define PIC1_DATA 0x21
#define PIC2_DATA 0xa1

/* Index and data window (82093AA data sheet); each pin has two 32-bit halves from 0x10. */
#define IOAPIC_INDEX  0x00
#define IOAPIC_WINDOW 0x10
#define IOAPIC_VERSION 0x01
#define IOAPIC_PIN(n) (0x10 + 2 * (n))
#define PIN_ACTIVE_LOW (1u << 13)
#define PIN_LEVEL      (1u << 15)
#define PIN_MASKED     (1u << 16)
#define APIC_EVERYBODY 0xff	/* as a physical destination */

static struct ioapic {
	volatile uint8_t *base;
	unsigned gsi_base, pins;
} ioapics[ACPI_MAX_IOAPICS];
static unsigned nioapics;

/*
 * SeaBIOS leaves the timer's IRQ 0 unmasked at vector 8, where it looks like a #DF without
 * error code.  They are not moved to other vectors: masked here and with LINT0
 * masked in apic_enable, they have no way to a CPU.
 */
void pic_mask_all(void)
{
	outb(PIC1_DATA, 0xff);
	outb(PIC2_DATA, 0xff);
}

static uint32_t ioapic_read(const struct ioapic *io, unsigned reg)
{
	*(volatile uint32_t *)(io->base + IOAPIC_INDEX) = reg;
	return *(volatile uint32_t *)(io->base + IOAPIC_WINDOW);
}

static void ioapic_write(const struct ioapic *io, unsigned reg, uint32_t value)
{
	*(volatile uint32_t *)(io->base + IOAPIC_INDEX) = reg;
	*(volatile uint32_t *)(io->base + IOAPIC_WINDOW) = value;
}

static void add_ioapic(const struct acpi_ioapic *from)
{
	struct ioapic *io = &ioapics[nioapics];
	uint32_t version;

	io->base = vmap_mmio(from->address, 0x20);
	if (!io->base) {
		printk("ioapic: no memory to map the one at %llx\n",
		       (unsigned long long)from->address);
		return;
	}
	version = ioapic_read(io, IOAPIC_VERSION);
	if (version == 0xffffffff || version == 0) {
		printk("ioapic: nothing answers at %llx\n", (unsigned long long)from->address);
		return;
	}
	io->gsi_base = from->gsi_base;
	io->pins = (version >> 16 & 0xff) + 1;
	for (unsigned pin = 0; pin < io->pins; pin++)
		ioapic_write(io, IOAPIC_PIN(pin), PIN_MASKED);
	nioapics++;
}

void ioapic_init(void)
{
	for (unsigned i = 0; i < acpi_info.nioapics; i++)
		add_ioapic(&acpi_info.ioapic[i]);
}

static const struct ioapic *ioapic_of(uint32_t gsi)
{
	for (unsigned i = 0; i < nioapics; i++)
		if (gsi >= ioapics[i].gsi_base && gsi - ioapics[i].gsi_base < ioapics[i].pins)
			return &ioapics[i];
	return NULL;
}

/* command: vector and delivery mode. */
static int route_isa(unsigned isa_irq, uint32_t command, uint32_t dest)
{
	const struct acpi_override *o = &acpi_info.isa[isa_irq];
	const struct ioapic *io = ioapic_of(o->gsi);
	uint32_t low = command | (o->active_low ? PIN_ACTIVE_LOW : 0) | (o->level ? PIN_LEVEL : 0);
	unsigned pin;

	/* A pin has eight bits for the destination, whatever the mode of the local APICs. */
	if (!io || dest > 0xff)
		return -ENODEV;
	pin = o->gsi - io->gsi_base;
	/* Masked until the destination is right; one write then unmasks it. */
	ioapic_write(io, IOAPIC_PIN(pin), low | PIN_MASKED);
	ioapic_write(io, IOAPIC_PIN(pin) + 1, dest << 24);
	ioapic_write(io, IOAPIC_PIN(pin), low);
	return 0;
}

int ioapic_route_isa(unsigned isa_irq, unsigned vector, unsigned cpu)
{
	return route_isa(isa_irq, vector, percpu_table[cpu].apic_id);
}

int ioapic_route_nmi(unsigned isa_irq)
{
	return route_isa(isa_irq, APIC_DELIVER_NMI, APIC_EVERYBODY);
}

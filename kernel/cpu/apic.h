/* SPDX-License-Identifier: MIT */
/*
 * Local APIC (xAPIC or, where firmware left it on, x2APIC), IOAPIC, and inter-processor interrupts.
 */
#pragma once

#include "kernel/lib/compiler.h"

/* Masks both 8259 PICs for good (they are live at kernel entry: spec 10.3). */
void pic_mask_all(void);
/*
 * Boot CPU, before clock_init; fatal("no local APIC ...") where there is none.  Ends with
 * apic_enable().
 */
void apic_init(void);
/* Every further CPU: spurious vector, LINT1 = NMI, timer masked, TPR 0. */
void apic_enable(void);
void apic_eoi(void);
/* True if this vector's in-service bit is set: it came as an interrupt (R2.37). */
bool apic_in_service(unsigned vector);

void ipi_send(unsigned cpu, unsigned vector);
void ipi_broadcast_others(unsigned vector);
/* NMI to one CPU (also self), physical destination: the self shorthand is invalid for NMI. */
void ipi_send_nmi(unsigned cpu);

void ioapic_init(void);
/* Routes an ISA IRQ (through the MADT's overrides) to vector on cpu and unmasks it. */
int ioapic_route_isa(unsigned isa_irq, unsigned vector, unsigned cpu);
/* As an NMI to every CPU. */
int ioapic_route_nmi(unsigned isa_irq);

/* One-shot timer of this CPU in nanoseconds from now; 0 stops it.  More than 4 s may fire early. */
void apic_timer_arm(uint64_t ns);

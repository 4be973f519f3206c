/* SPDX-License-Identifier: MIT */
/* Interrupts from one CPU to another. */
#include "kernel/cpu/apic.h"

#include "kernel/cpu/apic_regs.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"

#define PENDING_READS 1000000	/* far more than a command takes; each at least 50 ns */

/*
 * True once the last command has left (APIC-1).  A stuck APIC is waited for once: the panic about
 * it sends commands, too.  Another CPU's own APIC takes its commands, as the first read shows.
 */
static bool command_has_left(void)
{
	static bool stuck;

	for (unsigned i = 1; apic_read(APIC_ICR_LOW) & APIC_ICR_PENDING; i++) {
		if (READ_ONCE(stuck) || i >= PENDING_READS) {
			WRITE_ONCE(stuck, true);
			return false;
		}
		cpu_relax();
	}
	return true;
}

/*
 * xAPIC takes a command in two registers.  Interrupts are off between the two writes, and an
 * NMI handler that sends a command of its own gives the upper half back as it found it.
 * x2APIC takes a command in one write.
 */
void apic_command(uint32_t dest, uint32_t command)
{
	uint64_t flags;
	uint32_t high;

	if (x2apic) {
		/* Unlike MMIO, this WRMSR does not order earlier stores (SDM vol. 3, 11.12.3). */
		__asm__ volatile("mfence; lfence" ::: "memory");
		wrmsr(MSR_X2APIC + APIC_ICR_LOW / 16, (uint64_t)dest << 32 | command);
		return;
	}
	flags = irq_save();
	high = apic_read(APIC_ICR_HIGH);
	apic_write(APIC_ICR_HIGH, dest << 24);
	apic_write(APIC_ICR_LOW, command);
	if (!command_has_left() && !panic_in_progress())
		panic("APIC-1 violated: CPU %u's interrupt command %x to APIC id %u does not leave",
		      this_cpu(cpu), command, dest);
	apic_write(APIC_ICR_HIGH, high);
	irq_restore(flags);
}

void ipi_send(unsigned cpu, unsigned vector)
{
	apic_command(percpu_table[cpu].apic_id, APIC_ICR_ASSERT | vector);
}

/* A CPU that was never started ignores it: it waits for a SIPI. */
void ipi_broadcast_others(unsigned vector)
{
	apic_command(0, APIC_ICR_OTHERS | APIC_ICR_ASSERT | vector);
}

void ipi_send_nmi(unsigned cpu)
{
	__atomic_add_fetch(&percpu_table[cpu].nmi_expected, 1, __ATOMIC_SEQ_CST);
	apic_command(percpu_table[cpu].apic_id, APIC_ICR_ASSERT | APIC_DELIVER_NMI);
}

/* SPDX-License-Identifier: MIT */
/* What an external interrupt leads to: timer, other CPUs' requests, and ISA devices. */
#include "kernel/cpu/idt.h"

#include <asm/errno.h>
#include "kernel/cpu/apic.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/ptregs.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/entry_trace.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/print.h"
#include "kernel/mm/paging.h"
#include "sched/sched.h"
#include "sched/timer.h"

#define ISA_IRQS 16

static struct {
	irq_handler *handler;
	void *arg;
} isa_handlers[ISA_IRQS];

int irq_request_isa(unsigned isa_irq, irq_handler *handler, void *arg)
{
	if (isa_irq >= ISA_IRQS)
		return -EINVAL;
	if (isa_handlers[isa_irq].handler)
		return -EBUSY;
	/* Both are in place before the pin is unmasked: nobody calls a half-set handler. */
	isa_handlers[isa_irq].arg = arg;
	isa_handlers[isa_irq].handler = handler;
	return ioapic_route_isa(isa_irq, VECTOR_DEVICE_BASE + isa_irq, 0);
}

/*
 * What firmware's devices had sent before they were masked still waits in the local APIC and would
 * come with the first STI; a handler of firmware that we were started from blocks what lies below
 * it (SDM vol. 3, 11.8.4).  Neither can be cleared but by taking and ending the interrupt.
 */
static bool draining;

void irq_drain(void)
{
	ASSERT(!irqs_on(), "IRQ-1");
	for (unsigned vector = 255; vector >= 32; vector--)
		if (apic_in_service(vector))
			apic_eoi();
	draining = true;
	irq_enable();
	for (unsigned i = 0; i < 100; i++)
		cpu_relax();	/* one comes after the other */
	irq_disable();
	draining = false;
}

static void device_interrupt(unsigned vector)
{
	unsigned isa_irq = vector - VECTOR_DEVICE_BASE;

	if (isa_irq >= ISA_IRQS || !isa_handlers[isa_irq].handler)
		panic("IRQ-1 violated: CPU %u got vector %#x, which nobody requested",
		      this_cpu(cpu), vector);
	isa_handlers[isa_irq].handler(isa_handlers[isa_irq].arg);
}

/*
 * The end of interrupt comes last, so that a level-triggered device has been silenced by
 * its handler.  Nothing below sleeps or switches threads: that is the exit path's work.
 */
static void serve(unsigned vector)
{
	/* The one vector without an in-service bit: it takes no EOI (SDM vol. 3, 10.9). */
	if (vector == VECTOR_SPURIOUS)
		return;
	this_cpu(irq_count)++;
	if (unlikely(draining)) {
		printk("irq: vector %#x, left over from firmware, dropped\n", vector);
		apic_eoi();
		return;
	}
	this_cpu(irq_depth)++;
	switch (vector) {
	case VECTOR_TIMER:
		timer_interrupt();
		break;
	case VECTOR_RESCHEDULE:
		sched_reschedule_interrupt();
		break;
	case VECTOR_TLB:
		tlb_serve();
		break;
	case VECTOR_STOP:
		panic_stop_here();
		break;
	default:
		device_interrupt(vector);
	}
	apic_eoi();
	this_cpu(irq_depth)--;
}

void irq_dispatch(struct pt_regs *regs)
{
	unsigned vector = (unsigned)~regs->orig_rax;

	trace_enter(regs, vector, 0);
	serve(vector);
	if (!user_mode(regs))
		trace_exit(regs, 0);	/* else exit_to_user does */
}

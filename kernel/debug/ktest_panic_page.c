/* SPDX-License-Identifier: MIT */
/*
 * Ways to a panic, on request (ktest=panic_fault ...): each shows that the page of
 * kernel/debug/panic_report.c comes out whole even so.  They do not return.
 */
#include "kernel/cpu/apic_regs.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/traps.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/ktest.h"
#include "kernel/debug/panic.h"

#define NOT_CANONICAL 0x00dead0000000000ull
#define HOSTILE_BASE  0xffff800000000000ull	/* a kernel half address where nothing is */

static volatile int *volatile nowhere = (int *)0x10;
static volatile unsigned calls;

KTEST_ON_REQUEST(panic_assertion)
{
	panic("LOCK-2 violated: on request, and with so many words that the message does not fit "
	      "into one line of a text screen");
}

KTEST_ON_REQUEST(panic_fault)
{
	*nowhere = 1;
}

/* Not a tail call: something is left to do with the array. */
static __noinline unsigned recurse(unsigned n)
{
	volatile char bytes[512];

	bytes[n % sizeof(bytes)] = n;
	return n ? recurse(n + 1) + bytes[0] : 0;
}

KTEST_ON_REQUEST(panic_stack)
{
	calls = recurse(1);
}

/* The next thing that uses %gs faults, in the fault's own handler again, until the stack ends. */
KTEST_ON_REQUEST(panic_gs)
{
	irq_disable();
	wrmsr(MSR_GS_BASE, HOSTILE_BASE);
	calls = this_cpu(cpu);
}

/* The report itself looks at this thread and faults. */
KTEST_ON_REQUEST(panic_twice)
{
	irq_disable();
	this_percpu()->current = (struct thread *)NOT_CANONICAL;
	*nowhere = 1;
}

#ifdef CONFIG_DEBUG
static void panic_in_nmi(struct pt_regs *regs)
{
	panic("NMI-2 violated: on request");
}

KTEST_ON_REQUEST(panic_nmi)
{
	trap_probe.nmi = panic_in_nmi;
	apic_command(this_percpu()->apic_id, APIC_DELIVER_NMI | APIC_ICR_ASSERT);
	for (;;)
		cpu_relax();
}
#endif

/* SPDX-License-Identifier: MIT */
/*
 * Tests that end in a panic, one boot each: what comes unexpectedly is named, with the entry trace,
 * and the other CPUs stop (tests/test_trace.py reads it).
 */
#ifdef CONFIG_DEBUG
#include "kernel/cpu/apic.h"
#include "kernel/cpu/apic_regs.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/idt.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/ktest.h"
#include "kernel/debug/panic.h"
#include "sched/sched.h"

#define UNUSED_VECTOR 0x55
#define VECTOR_VC     29
#define VMEXIT_CPUID  0x72	/* #VC's error code for CPUID (APM vol. 2, 15.35.5, appendix C) */

static void wait_for_the_end(void)
{
	for (unsigned i = 0; i < 1000000; i++)
		cpu_relax();
}

/* As a device or the chipset sends it: not through ipi_send_nmi. */
KTEST_ON_REQUEST(panic_unknown_nmi)
{
	apic_command(this_percpu()->apic_id, APIC_ICR_ASSERT | APIC_DELIVER_NMI);
	wait_for_the_end();
	KTEST_EQ(0, 1);
}

KTEST_ON_REQUEST(panic_unexpected_vector)
{
	ipi_send(this_cpu(cpu), UNUSED_VECTOR);
	wait_for_the_end();
	KTEST_EQ(0, 1);
}

/* #VE, from whatever runs this as a guest: without an error code, so INT makes the same frame. */
KTEST_ON_REQUEST(panic_unexpected_exception)
{
	__asm__ volatile("int $20" ::: "memory");
	KTEST_EQ(0, 1);
}

/* #VC has one, and no INT n pushes it. */
KTEST_ON_REQUEST(panic_unexpected_exception_with_code)
{
	__asm__ volatile("mov %%rsp, %%rax\n\t"
			 "cli\n\t"
			 "push %[ss]\n\t"
			 "push %%rax\n\t"
			 "pushfq\n\t"
			 "push %[cs]\n\t"
			 "lea 1f(%%rip), %%rax\n\t"
			 "push %%rax\n\t"
			 "push %[code]\n\t"
			 "jmp *%[stub]\n"
			 "1:"
			 :
			 : [ss] "i"(KERNEL_DS), [cs] "i"(KERNEL_CS), [code] "i"(VMEXIT_CPUID),
			   [stub] "r"(entry_vectors[VECTOR_VC])
			 : "rax", "memory");
	KTEST_EQ(0, 1);
}

/* RIPV is clear: the interrupted code cannot go on. */
KTEST_ON_REQUEST(panic_machine_check)
{
	if (!cpu_has(FEATURE_TCG))
		KTEST_SKIP("MCG_STATUS cannot be set on this machine");
	wrmsr(MSR_MCG_STATUS, 0);
	__asm__ volatile("int $18" ::: "memory");
	KTEST_EQ(0, 1);
}

static bool spinning;

static void spin(void *unused)
{
	irq_disable();
	WRITE_ONCE(spinning, true);
	for (;;)
		cpu_relax();
}

/* The stop interrupt does not reach a CPU with interrupts off; the NMI behind it does. */
KTEST_ON_REQUEST(panic_while_another_cpu_spins)
{
	struct thread *t = kthread_create("spin", spin, NULL);

	if (cpu_count < 2 || !t)
		KTEST_SKIP("one CPU only");
	sched_set_affinity(current_thread(), 1);
	t->affinity = 2;
	thread_start(t);
	while (!READ_ONCE(spinning))
		schedule();
	panic("CPU 1 spins with interrupts off");
}
#endif

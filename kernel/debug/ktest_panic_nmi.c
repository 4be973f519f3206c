/* SPDX-License-Identifier: MIT */
/*
 * An NMI that interrupts another one's entry, where the CPU's frame is the only copy of who was
 * interrupted (NMI-1): the first one cannot return, so the machine must stop and say so.  One boot
 * each, and each ends in a panic (tests/test_trace.py).
 *
 * A breakpoint in the entry text stands for whatever unblocks NMIs there, an emulator's mistake or
 * a machine check.  Its handler sends the second NMI, which comes with the handler's IRETQ.
 */
#ifdef CONFIG_DEBUG
#include "kernel/cpu/apic.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/traps.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/ktest.h"
#include "kernel/mm/extable.h"

extern const char entry_NMI[], nmi_merged[], nmi_repeat[];	/* entry/nmi.asm */

#define LAST_OF_FIRST (nmi_repeat - 5)	/* mov rdx, [rsp + SAVED_RDX] */

static const char *break_at;

static void send_second_nmi(struct pt_regs *regs, uint64_t gs)
{
	trap_probe.debug = NULL;
	ipi_send_nmi(this_cpu(cpu));
}

static void send_first_nmi(void)
{
	trap_probe.debug = send_second_nmi;
	write_dr0((uintptr_t)break_at);
	write_dr7(DR7_EXECUTE_DR0);
	ipi_send_nmi(this_cpu(cpu));
}

/* A third one is being handled: the first waits until the breakpoint instruction's IRETQ. */
static void send_first_nmi_inside(struct pt_regs *regs)
{
	trap_probe.nmi = NULL;
	send_first_nmi();
	__asm__ volatile("int3\n1:\n\t" EXTABLE("1b", "1b"));
}

static void expect_panic(struct ktest_result *result, const char *at, bool inside)
{
	if (!cpu_has(FEATURE_TCG))
		KTEST_SKIP("not every machine sees a breakpoint right behind an NMI");
	break_at = at;
	if (inside) {
		trap_probe.nmi = send_first_nmi_inside;
		ipi_send_nmi(this_cpu(cpu));
	} else {
		send_first_nmi();
	}
	for (unsigned i = 0; i < 1000000; i++)
		cpu_relax();
	KTEST_EQ(0, 1);
}

/* The state is 0. */
KTEST_ON_REQUEST(panic_nmi_upon_nmi)
{
	expect_panic(result, entry_NMI, false);
}

/* NMI_WILL_RUN: the first one is about to run.  Its frame has been copied; only RDX is lost. */
KTEST_ON_REQUEST(panic_nmi_upon_copied_nmi)
{
	expect_panic(result, LAST_OF_FIRST, false);
}

/* NMI_RUNS: the first one has interrupted the handler of another. */
KTEST_ON_REQUEST(panic_nmi_upon_nested_nmi)
{
	expect_panic(result, entry_NMI, true);
}

/* NMI_WILL_RUN: as above, and about to return. */
KTEST_ON_REQUEST(panic_nmi_upon_returning_nmi)
{
	expect_panic(result, nmi_merged, true);
}

/* The handler of one from user mode runs, on the thread's stack. */
KTEST_ON_REQUEST(panic_nmi_upon_nmi_in_nmi)
{
	this_percpu()->nmi_state = 1;
	expect_panic(result, entry_NMI, false);
}
#endif

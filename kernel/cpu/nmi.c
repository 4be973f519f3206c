/* SPDX-License-Identifier: MIT */
/*
 * The C half of NMI (entry/nmi.asm).
 *
 * It may run inside itself: an NMI from user mode is handled on the thread's stack, and an
 * exception in the handler unblocks NMIs; the next one comes from kernel mode, on the IST stack,
 * and finds this function at work.  It leaves a note and returns, and the first one goes round once
 * more (NMI-2).  NMIs that interrupt an NMI from kernel mode never get as far as this: the entry
 * code merges them.
 *
 * CR2 and DR7 are given back as they were: the interrupted code may be about to read the one
 * (R2.27), and no breakpoint may fire in here (R2.9).
 */
#include "boot/cmdline.h"
#include "kernel/cpu/cpu_area.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/traps.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/entry_trace.h"
#include "kernel/debug/panic.h"

#define TRAP_NMI 2
#define NMI_STATUS_PORT 0x61	/* bit 7: SERR#, bit 6: IOCHK# (ICH data sheets, NMI_SC) */

enum { NMI_IDLE, NMI_RUNNING, NMI_AGAIN };

extern const char entry_NMI[], nmi_repeat[], nmi_from_user[], nmi_stack_left[];	/* entry/nmi.asm */

struct trap_probe trap_probe;

/*
 * One that nobody sent is the machine's way to say that something is broken: memory, a bus.  The
 * count is too high after two have been merged into one; then another one passes for expected.
 * Tests that let the hardware send some say so by their probe or by nmi=count.
 */
static void check_expected(const struct pt_regs *regs)
{
	if (READ_ONCE(this_percpu()->nmi_expected))
		__atomic_sub_fetch(&this_percpu()->nmi_expected, 1, __ATOMIC_SEQ_CST);
	else if (!boot_options.nmi_count && !trap_probe.nmi)
		panic_regs(regs, "unknown NMI on CPU %u: nobody sent it, port 61h says %#x",
			   this_cpu(cpu), inb(NMI_STATUS_PORT));
}

bool nmi_frame_is_only_copy(uintptr_t rip)
{
	return (rip >= (uintptr_t)entry_NMI && rip < (uintptr_t)nmi_repeat) ||
	       (rip >= (uintptr_t)nmi_from_user && rip < (uintptr_t)nmi_stack_left);
}

/*
 * Nobody can go back to whoever that first NMI interrupted: without this it would go on for ever.
 * entry_NMI sees to it that such an NMI comes here, also if others are under way.
 */
static void check_nothing_lost(const struct pt_regs *regs)
{
	if (user_mode(regs) || !nmi_frame_is_only_copy(regs->rip))
		return;
	panic_regs(regs, "NMI-1 violated: NMI upon NMI on CPU %u, the first one's frame is lost",
		   this_cpu(cpu));
}

static void handle(struct pt_regs *regs, uint64_t gs)
{
	uint64_t cr2 = read_cr2(), dr7 = read_dr7();

	write_dr7(0);
	trace_enter_paranoid(regs, TRAP_NMI, gs);
	this_cpu(nmi_count)++;
	panic_stop_here();	/* if there is a panic: does not return */
	check_nothing_lost(regs);
	check_expected(regs);
#ifdef CONFIG_DEBUG
	if (!user_mode(regs))
		ist_check((uintptr_t)regs, IST_NMI);
	if (trap_probe.nmi)
		trap_probe.nmi(regs);
#endif
	trace_exit(regs, EXIT_IRET_NOT_SYSCALL);
	write_dr7(dr7);
	if (read_cr2() != cr2)
		write_cr2(cr2);
}

void nmi_handler(struct pt_regs *regs, uint64_t gs)
{
	uint32_t *state = &this_percpu()->nmi_state;

	if (READ_ONCE(*state) != NMI_IDLE) {
		check_nothing_lost(regs);
		WRITE_ONCE(*state, NMI_AGAIN);
		return;
	}
	do {
		WRITE_ONCE(*state, NMI_RUNNING);
		handle(regs, gs);
		/* One instruction, or an NMI between reading and writing would be lost. */
	} while (__atomic_sub_fetch(state, 1, __ATOMIC_SEQ_CST));
}

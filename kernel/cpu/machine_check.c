/* SPDX-License-Identifier: MIT */
/*
 * #MC: the machine reports that it is broken (entry/paranoid.asm).
 *
 * While MCG_STATUS.MCIP is set, another machine check is a shutdown: a reset without a word (SDM
 * vol. 3, 16.3.1.2).  So it is cleared as soon as the banks have been read, on every path, the one
 * to a panic included.  From then on another one may come and put its frame on top of the same IST
 * stack.  Coming from user mode that does no harm, for the handler has moved to the thread's stack;
 * coming from the kernel, what the first one interrupted cannot be returned to, and that is told
 * (MC-1).
 *
 * The kernel repairs nothing: a program that needs what is lost gets SIGBUS; the kernel, in the
 * same position, panics.
 */
#include "kernel/cpu/machine_check.h"

#include <asm/siginfo.h>
#include <asm/signal.h>
#include "kernel/cpu/cpu_area.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/traps.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/entry_trace.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/print.h"
#include "kernel/process/signal.h"

#define TRAP_MC 18
#define NO_BANK (-1)

struct report {
	enum mc_grade grade;
	int bank;
	uint64_t status, address, mcg_status;
};

/*
 * Without EIPV an error that demands action has nothing to do with where this CPU is (SDM vol. 3,
 * 16.9.3.2): Intel's CPUs are all interrupted for it, and those that share the bank all see it.
 */
static bool concerns_other_cpu(uint64_t mcg_status, bool ser)
{
	return ser && (mcg_status & (MCG_RIPV | MCG_EIPV)) == MCG_RIPV;
}

enum mc_grade mc_grade(uint64_t status, uint64_t mcg_status, bool ser)
{
	if (!(status & MC_VALID))
		return MC_NOTHING;
	if (!(status & MC_UC))
		return MC_GO_ON;
	if (status & MC_PCC)
		return MC_FATAL;
	if (!(status & MC_EN) || (ser && (~status & (MC_S | MC_AR))))
		return MC_GO_ON;
	/* A lost report may have been about another program. */
	if (status & MC_OVER)
		return MC_FATAL;
	return concerns_other_cpu(mcg_status, ser) ? MC_OTHER_CPU : MC_END_PROGRAM;
}

/*
 * The gravest.  A fatal one stays in its bank, where firmware finds it after the reset; another
 * CPU's stays for that CPU, which may come later.
 */
static struct report read_banks(void)
{
	struct report worst = { MC_NOTHING, NO_BANK, 0, 0, rdmsr(MSR_MCG_STATUS) };
	bool ser = rdmsr(MSR_MCG_CAP) & MCG_SER_P;

	for (unsigned bank = 0; bank < machine_check_banks(); bank++) {
		uint64_t status = rdmsr(MSR_MC0_STATUS + 4 * bank);
		enum mc_grade grade = mc_grade(status, worst.mcg_status, ser);

		if (grade > worst.grade) {
			worst.grade = grade;
			worst.bank = (int)bank;
			worst.status = status;
			worst.address = status & MC_ADDRV ? rdmsr(MSR_MC0_ADDR + 4 * bank) : 0;
		}
		if (grade == MC_GO_ON || grade == MC_END_PROGRAM)
			wrmsr(MSR_MC0_STATUS + 4 * bank, 0);
	}
	if (!(worst.mcg_status & MCG_RIPV) && worst.grade < MC_END_PROGRAM)
		worst.grade = MC_END_PROGRAM;
	return worst;
}

static struct report take_machine_check(void)
{
	struct report r = { .grade = MC_END_PROGRAM, .bank = NO_BANK };

	this_percpu()->mce_count++;
#ifdef CONFIG_DEBUG
	if (trap_probe.int18)
		return (struct report){ .grade = MC_NOTHING };
#endif
	if (!cpu_has(FEATURE_MCA))
		return r;	/* it tells nothing: the worst that the kernel may survive */
	r = read_banks();
	wrmsr(MSR_MCG_STATUS, 0);
	return r;
}

#define REPORT "machine check on CPU %u, bank %d: status %016llx, address %llx, MCG_STATUS %llx"
#define REPORT_ARGS(r)                                                         \
	this_cpu(cpu), (r)->bank, (unsigned long long)(r)->status,             \
		(unsigned long long)(r)->address, (unsigned long long)(r)->mcg_status

void exc_machine_check_user(struct pt_regs *regs)
{
	struct report r = take_machine_check();

	trace_enter(regs, TRAP_MC, r.mcg_status);
	if (r.grade == MC_FATAL)
		panic_regs(regs, REPORT ": the CPU is damaged", REPORT_ARGS(&r));
	irq_enable();
	if (r.grade != MC_NOTHING)
		printk(REPORT "\n", REPORT_ARGS(&r));
	if (r.grade == MC_END_PROGRAM)
		signal_fault(SIGBUS, BUS_MCEERR_AR, regs->rip, TRAP_MC, 0);
}

/*
 * Did it interrupt the handler for an earlier one?  RSP tells wherever it cannot be the user's:
 * outside the entry text, and in paranoid.asm.
 */
static bool frame_was_lost(const struct pt_regs *regs)
{
	extern const uint8_t __entry_text_start[], __entry_text_end[], paranoid_entry[], entry_DF[];
	bool in_entry = regs->rip >= (uintptr_t)__entry_text_start &&
			regs->rip < (uintptr_t)__entry_text_end;
	bool in_paranoid = regs->rip >= (uintptr_t)paranoid_entry &&
			   regs->rip < (uintptr_t)entry_DF;
	unsigned cpu;
	bool guard;

	return (!in_entry || in_paranoid) && ist_find(regs->rsp, &cpu, &guard) == IST_MC;
}

/*
 * On the IST stack: no locks, so what lets the kernel go on is only counted (R2.36).
 *
 * mce_on_ist is for one that interrupts an NMI or #DB that interrupted this: RSP is on that one's
 * stack then, and the frame is lost all the same.
 */
void exc_machine_check_kernel(struct pt_regs *regs, uint64_t gs)
{
	bool second = this_cpu(mce_on_ist);
	struct report r;

	this_cpu(mce_on_ist) = true;	/* before take_machine_check() lets the next one in */
	r = take_machine_check();
#ifdef CONFIG_DEBUG
	ist_check((uintptr_t)regs, IST_MC);
#endif
	trace_enter_paranoid(regs, TRAP_MC, gs);
	if (second || frame_was_lost(regs))
		panic_regs(regs, "MC-1 violated: " REPORT ", inside another one", REPORT_ARGS(&r));
	if (r.grade >= MC_END_PROGRAM)
		panic_regs(regs, REPORT ": the kernel cannot go on", REPORT_ARGS(&r));
	trace_exit(regs, 0);
	this_cpu(mce_on_ist) = false;
}

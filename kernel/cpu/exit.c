/* SPDX-License-Identifier: MIT */
/* The way back to user mode: pending work, and the reasons for IRET. */
#include "kernel/cpu/exit.h"
#include "kernel/cpu/features.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/lock.h"
#include "kernel/process/signal.h"
#include "sched/sched.h"

void exit_do_work(struct pt_regs *regs)
{
	struct thread *t = current_thread();
	uint32_t work;

	while ((work = READ_ONCE(t->work))) {
		irq_enable();
		if (work & WORK_RESCHED)
			schedule();
		if (work & WORK_SIGNAL)
			signal_deliver(regs);
		irq_disable();
	}
}

#ifdef CONFIG_DEBUG
/* An interrupt would find the user's GS behind SWAPGS; IRETQ with NT faults (R6.26, R2.33). */
static void check_flags(void)
{
	uint64_t smap = cpu_has(FEATURE_SMAP) ? X86_AC : 0;

	ASSERT(!(read_flags() & (X86_IF | X86_TF | X86_DF | X86_NT | smap)), "EXIT-6");
}

void exit_check(const struct pt_regs *regs)
{
	const struct thread *t = current_thread();

	check_flags();
	ASSERT(!lock_any_held(), "EXIT-1");
	ASSERT(regs == thread_regs(t), "EXIT-2");
	ASSERT(user_mode(regs), "EXIT-3");
	ASSERT(t->state == THREAD_RUNNABLE, "EXIT-4");
	control_regs_check();
}
#endif

void exit_to_user(struct pt_regs *regs)
{
	exit_work(regs);
	exit_count(regs, EXIT_IRET_NOT_SYSCALL);
}

enum exit_reason sysret_refusal(const struct pt_regs *regs)
{
	if (unlikely(regs->rcx != regs->rip))
		return EXIT_IRET_RCX;
	if (unlikely(regs->r11 != regs->rflags))
		return EXIT_IRET_R11;
	if (unlikely(regs->rip >= TASK_SIZE_MAX))
		return EXIT_IRET_NONCANONICAL;
	if (unlikely(regs->cs != USER_CS || regs->ss != USER_DS))
		return EXIT_IRET_SELECTOR;
	return EXIT_IRET_FLAGS;
}

enum exit_reason sysretl_refusal(const struct pt_regs *regs, uint64_t landing_pad)
{
	if (regs->rip != landing_pad)
		return EXIT_IRET32_PAD;
	if (regs->cs != USER32_CS || regs->ss != USER_DS)
		return EXIT_IRET32_SELECTOR;
	return EXIT_IRET32_FLAGS;
}

static const char *const exit_names[EXIT_REASONS] = {
	[EXIT_SYSRETQ] = "sysretq", [EXIT_IRET_NOT_SYSCALL] = "iret",
	[EXIT_IRET_RCX] = "iret-rcx", [EXIT_IRET_R11] = "iret-r11",
	[EXIT_IRET_NONCANONICAL] = "iret-noncanonical",
	[EXIT_IRET_SELECTOR] = "iret-selector", [EXIT_IRET_FLAGS] = "iret-flags",
	[EXIT_SYSRETL] = "sysretl", [EXIT_IRET32_PAD] = "iret32-pad",
	[EXIT_IRET32_SELECTOR] = "iret32-selector",
	[EXIT_IRET32_FLAGS] = "iret32-flags", [EXIT_IRET32_FAULT] = "iret32-fault",
};

const char *exit_name(enum exit_reason reason)
{
	return exit_names[reason];
}

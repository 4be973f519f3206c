/* SPDX-License-Identifier: MIT */
/*
 * One run: the user's state is set up, the door is taken, the state is compared.
 *
 * Every register holds a value of its own, and the ones that the kernel might lean on hold the
 * worst: RSP points into this CPU's NMI stack (R2.24), DF, AC and NT are set (R2.26), the GS base
 * is whatever the run says.
 */
#ifdef CONFIG_DEBUG
#include <asm/errno.h>
#include <asm/signal.h>
#include "kernel/cpu/cpu_area.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/traps.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/debug/sweep.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "sched/sched.h"

#define PATTERN 0xa0a1a2a3a4a5a600ull
#define STALE_CR2 0x5a5a5000ull
#define HOSTILE_FLAGS (X86_FIXED | X86_IF | X86_DF | X86_AC | X86_NT | X86_CF | X86_PF)
#define COMPARED_FLAGS (~X86_RF)	/* faults push it set or clear (SDM vol. 3, 18.3.1.1) */

struct sweep_run sweep_run;

static struct mm *mm;
static struct thread *user_thread;
static struct waitq user_wait = WAITQ(user_wait), sweeper_wait = WAITQ(sweeper_wait);
static bool go, done, stop, running;
static struct pt_regs wanted;	/* when UD2 reports */
static uint64_t wanted_cr2, wanted_cr3, wanted_dr7;

static uintptr_t door_address(void)
{
	return SWEEP_CODE + (sweep_run.door - sweep_doors) * SWEEP_SLOT;
}

static struct pt_regs user_state(void)
{
	const struct sweep_door *door = sweep_run.door;
	struct pt_regs r;
	uint64_t *word = (uint64_t *)&r;

	for (unsigned i = 0; i < sizeof(r) / sizeof(*word); i++)
		word[i] = PATTERN + i;
	r.rbx = SWEEP_HOLE;
	r.rdi = 2;		/* NMI_WILL_RUN, if pushed to the NMI stack (entry/nmi.asm) */
	r.rip = door_address();
	r.cs = door->compat ? USER32_CS : USER_CS;
	r.ss = door->ss ? door->ss : USER_DS;
	r.rsp = door->compat ? 0x5aadc0d8 : ist_bottom(this_cpu(cpu), IST_NMI) + IST_SIZE - 136;
	if (door->stack)	/* SYSCALL takes it from ESP, SYSENTER from EBP */
		r.rsp = r.rbp = door->hole ? SWEEP_HOLE : SWEEP_STACK;
	r.rflags = HOSTILE_FLAGS | door->flags;
	return r;
}

/* What SYSCALL and SYSRET leave in RSP, and whether the events that come are the run's. */
uint64_t sweep_user_rsp(void)
{
	return wanted.rsp;
}

bool sweep_running(void)
{
	return running && current_thread()->mm == mm;
}

static void want(const struct pt_regs *user)
{
	wanted = *user;
	wanted.rip += sweep_run.door->size;
	wanted.rflags &= ~X86_TF;
	if (sweep_run.door->expect)
		sweep_run.door->expect(&wanted);
	wanted_cr2 = sweep_run.door->hole ? SWEEP_HOLE : STALE_CR2;
	wanted_cr3 = read_cr3();
	wanted_dr7 = read_dr7();
}

/* On the way to user mode, with interrupts off until there. */
static void launch(struct pt_regs *regs)
{
	irq_disable();
	*regs = user_state();
	wrmsr(MSR_FS_BASE, SWEEP_FS_BASE);
	wrmsr(MSR_KERNEL_GS_BASE, sweep_run.gs_base);
	write_cr2(STALE_CR2);
	mm->landing_pad = door_address() + sweep_run.door->size;
	sweep_arm();
	want(regs);
	running = true;
	sweep_timer_arm();
	if (sweep_run.door->prepare)
		sweep_run.door->prepare(regs);
}

static void compare(const char *what, uint64_t got, uint64_t expected)
{
	if (got != expected)
		sweep_problem(what, got, expected);
}

static void compare_registers(const struct pt_regs *r)
{
#define SAME(field) compare("user's " #field, r->field, wanted.field)
	SAME(rip), SAME(cs), SAME(ss);
	/* Bits 63:32 of RSP do not exist for 32-bit code, and some CPUs keep the kernel's there. */
	if (wanted.ss == SWEEP_SS16 && wanted.cs == USER32_CS)
		compare("user's ESP", (uint32_t)r->rsp, (uint32_t)wanted.rsp);
	else
		SAME(rsp);
	SAME(rax), SAME(rbx), SAME(rcx), SAME(rdx), SAME(rsi), SAME(rdi), SAME(rbp);
	SAME(r8), SAME(r9), SAME(r10), SAME(r11), SAME(r12), SAME(r13), SAME(r14), SAME(r15);
#undef SAME
	compare("user's flags", r->rflags & COMPARED_FLAGS, wanted.rflags & COMPARED_FLAGS);
}

static uint16_t fs_gs_selectors(void)
{
	uint16_t fs, gs;

	__asm__ volatile("mov %%fs, %0; mov %%gs, %1" : "=r"(fs), "=r"(gs));
	return fs | gs;
}

static void judge(const struct pt_regs *regs)
{
	sweep_timer_disarm();
	if (!sweep_run.door->double_fault)
		compare("CR2", read_cr2(), wanted_cr2);
	compare("DR7", read_dr7(), wanted_dr7);
	compare("DR6 (R2.8)", read_dr6(), DR6_CLEAR);
	sweep_disarm();
	compare_registers(regs);
	compare("FS base", rdmsr(MSR_FS_BASE), SWEEP_FS_BASE);
	compare("GS base of user mode", rdmsr(MSR_KERNEL_GS_BASE), sweep_run.gs_base);
	compare("GS base of the kernel", rdmsr(MSR_GS_BASE),
		(uintptr_t)&percpu_table[this_cpu(cpu)]);
	compare("FS and GS selectors", fs_gs_selectors(), 0);
	compare("CR3", read_cr3(), wanted_cr3);
	compare("signals", sweep_run.faults, sweep_run.door->signo != 0);
	compare("state of the NMI handler", this_cpu(nmi_state), 0);
	if (!sweep_run.door->nmis)	/* else some may have been merged, as the CPU does */
		compare("runs of the NMI handler", sweep_run.nmis, sweep_run.sent);
	sweep_reset_events();
}

static void detach_mm(void)
{
	irq_disable();
	mm_switch(mm, NULL);
	current_thread()->mm = NULL;
	irq_enable();
}

static __noreturn void end_thread(void)
{
	detach_mm();
	WRITE_ONCE(done, true);
	wake_up_all(&sweeper_wait);
	thread_exit_now();
}

/* Every exception of the user thread comes here: the door's own, then UD2's. */
static void fault_probe(struct pt_regs *regs, int signo)
{
	const struct sweep_door *door = sweep_run.door;

	if (running && signo == door->signo && !sweep_run.faults &&
	    regs->rip - door_address() <= door->size) {
		sweep_run.faults++;
		regs->rip = door_address() + door->size;
		regs->rflags &= ~X86_TF;
		if (door->mend)
			door->mend(regs);
		return;
	}
	if (running) {
		irq_disable();
		running = false;
		judge(regs);
		irq_enable();
		if (door->fresh)
			end_thread();
		WRITE_ONCE(done, true);
		wake_up_all(&sweeper_wait);
	}
	wait_event_hard(&user_wait, READ_ONCE(go));
	WRITE_ONCE(go, false);
	if (stop)
		end_thread();
	launch(regs);
}

static struct thread *make_thread(void)
{
	struct thread *t = thread_alloc(true);

	if (!t)
		return NULL;
	t->mm = mm;
	t->affinity = current_thread()->affinity;
	strlcpy(t->comm, "sweep", sizeof(t->comm));
	*thread_regs(t) = (struct pt_regs){ .rip = SWEEP_CODE + sweep_door_count * SWEEP_SLOT,
					    .cs = USER_CS, .ss = USER_DS,
					    .rflags = X86_FIXED | X86_IF };
	return t;
}

/* From the switch to a new thread on: interrupts go on when it has made its first steps. */
static void execute_fresh(void)
{
	struct thread *t = make_thread();

	if (!t) {
		sweep_problem("out of memory", 0, 0);
		return;
	}
	*thread_regs(t) = user_state();
	t->seg.gs_base = sweep_run.gs_base;
	t->seg.fs_base = SWEEP_FS_BASE;
	write_cr2(STALE_CR2);
	sweep_arm();
	want(thread_regs(t));
	wanted_cr3 = mm->pml4;
	running = true;
	thread_start(t);
	wait_event_hard(&sweeper_wait, READ_ONCE(done));
}

void sweep_execute(void)
{
	sweep_run.hits = sweep_run.nmis = sweep_run.sent = sweep_run.faults = 0;
	sweep_run.state_checks = 0;
	sweep_run.fired = false;
	sweep_run.problem = NULL;
	WRITE_ONCE(done, false);
	if (sweep_run.door->fresh) {
		execute_fresh();
		return;
	}
	WRITE_ONCE(go, true);
	wake_up_all(&user_wait);
	wait_event_hard(&sweeper_wait, READ_ONCE(done));
}

int sweep_start(void)
{
	mm = mm_create(false);
	if (!mm)
		return -ENOMEM;
	if (sweep_fill_memory(mm) || !(user_thread = make_thread())) {
		mm_put(mm);
		return -ENOMEM;
	}
	trap_probe = (struct trap_probe){ sweep_debug_probe, sweep_nmi_probe, fault_probe, true };
	go = stop = running = false;
	thread_start(user_thread);
	return 0;
}

void sweep_stop(void)
{
	WRITE_ONCE(done, false);
	stop = true;
	WRITE_ONCE(go, true);
	wake_up_all(&user_wait);
	wait_event_hard(&sweeper_wait, READ_ONCE(done));
	trap_probe = (struct trap_probe){ 0 };
	mm_put(mm);
}
#endif

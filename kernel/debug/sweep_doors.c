/* SPDX-License-Identifier: MIT */
/*
 * The doors that the sweep goes through (kernel/debug/sweep.h): a row for each.  Those that user
 * mode cannot open by an instruction are opened by prepare(), on the way to user mode, with the
 * user's GS base already in place.
 */
#ifdef CONFIG_DEBUG
#include <asm/errno.h>
#include <asm/signal.h>
#include "kernel/cpu/apic.h"
#include "kernel/cpu/cpu_area.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/idt.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/sweep.h"
#include "sched/user_state.h"

extern const char entry_DF[], entry_MC[], entry_NMI[];

/* The second instruction: Bochs does not see a breakpoint at the first one behind an NMI. */
#define STEP_NMI (entry_NMI + 1)
#define BAD_SS   (KERNEL_DS | 3)	/* a kernel descriptor with RPL 3: IRETQ raises #GP */

/* SYSCALL's number is the pattern in RAX, which no table has. */
static void expect_syscall(struct pt_regs *user)
{
	user->rcx = user->rip;
	user->r11 = user->rflags;
	user->rax = -ENOSYS;
}

bool sweep_sysenter_open(void)
{
	return rdmsr(MSR_SYSENTER_CS) != 0;
}

bool sweep_syscall32_open(void)
{
	return cpu_info.vendor == VENDOR_AMD || cpu_has(FEATURE_TCG);
}

static void expect_no_r8_to_r15(struct pt_regs *user)
{
	user->r8 = user->r9 = user->r10 = user->r11 = 0;
	user->r12 = user->r13 = user->r14 = user->r15 = 0;
}

/* By SYSRETL, to the landing pad: spec 6.2. */
static void expect_fast_32(struct pt_regs *user)
{
	expect_no_r8_to_r15(user);
	user->rbp = SWEEP_ARG6;
	expect_syscall(user);
}

/* By IRETQ: RCX is what the vDSO has put into EBP, and nothing has become of the call. */
static void expect_bad_stack(struct pt_regs *user)
{
	expect_no_r8_to_r15(user);
	user->rcx = user->rbp;
	user->rax = -EFAULT;
}

static void expect_sysenter_bad_stack(struct pt_regs *user)
{
	uint64_t rcx = user->rcx;

	expect_bad_stack(user);
	user->rcx = rcx;
}

static void expect_int80(struct pt_regs *user)
{
	user->rax = -ENOSYS;
}

/* Interrupts are off: it waits for the first user instruction. */
static void send_timer_vector(struct pt_regs *user)
{
	ipi_send(this_cpu(cpu), VECTOR_TIMER);
}

static void interrupt_kernel(struct pt_regs *user)
{
	ipi_send(this_cpu(cpu), VECTOR_TIMER);
	irq_enable();
	cpu_relax();
	irq_disable();
}

static void latch_nmi(struct pt_regs *user)
{
	sweep_latch_nmi();
}

static void nest_nmi(struct pt_regs *user)
{
	sweep_nest_next_nmi();
	sweep_send_nmi();
}

static void latch_nesting_nmi(struct pt_regs *user)
{
	sweep_latch_nmi();
	sweep_nest_next_nmi();
}

static void send_nmi(struct pt_regs *user)
{
	sweep_send_nmi();
}

static void spoil_ss(struct pt_regs *user)
{
	user->ss = BAD_SS;
}

static void remove_ss(struct pt_regs *user)
{
	user->ss = SWEEP_SS16 + 8;	/* the table ends before it: a double fault */
}

static void mend_ss(struct pt_regs *user)
{
	user->ss = USER_DS;
}

static void load_missing_gs(struct pt_regs *user)
{
	cpu_gdt(this_cpu(cpu))[GDT_TLS] = 0;
	load_gs_index(GDT_TLS << 3 | 3);
	wrmsr(MSR_KERNEL_GS_BASE, sweep_run.gs_base);
}

/* #GP in the kernel with its own GS, on instructions of the exception table. */
static void fault_in_kernel(struct pt_regs *user)
{
	const uint16_t missing = GDT_TLS << 3 | 3;
	const struct thread_segments good = { .ds = USER_DS, .es = USER_DS, .fs = USER_DS };
	const struct thread_segments bad = { .ds = missing, .es = missing, .fs = missing };

	cpu_gdt(this_cpu(cpu))[GDT_TLS] = 0;
	load_user_segments(&good);
	load_user_segments(&bad);
	__asm__ volatile("mov %0, %%ds; mov %0, %%es" ::"r"(0));
	wrmsr(MSR_FS_BASE, SWEEP_FS_BASE);
	wrmsr(MSR_KERNEL_GS_BASE, sweep_run.gs_base);
}

/*
 * Vector 18 by INT: the CPU switches to the IST stack as for a real machine check, and the handler
 * cannot tell.  From user mode the gate must allow it for a moment.
 */
static void int18(struct pt_regs *user)
{
	__asm__ volatile("int $18" ::: "memory");
}

/* The same where the kernel has the user's GS, as in every gap. */
static void int18_in_gap(struct pt_regs *user)
{
	__asm__ volatile("swapgs; int $18; swapgs" ::: "memory");
}

/* The waiting NMI comes with the IRETQ. */
static void nmi_in_gap(struct pt_regs *user)
{
	sweep_latch_nmi();
	__asm__ volatile("swapgs\n\t"
			 "movq %%rsp, %%rax\n\t"
			 "pushq %0; pushq %%rax; pushfq; pushq %1\n\t"
			 "leaq 1f(%%rip), %%rax; pushq %%rax\n\t"
			 "iretq\n"
			 "1:\tswapgs" ::"i"(KERNEL_DS), "i"(KERNEL_CS) : "rax", "memory");
}

static void open_gate_18(struct pt_regs *user)
{
	idt_set_user_gate(18, true);
}

#define CODE(...) .code = { __VA_ARGS__ }, .size = sizeof((uint8_t[]){ __VA_ARGS__ })
#define NOP  CODE(0x90)

const struct sweep_door sweep_doors[] = {
	{ .name = "SYSCALL", CODE(0x0f, 0x05), .expect = expect_syscall },
	/* #UD on Intel's silicon; the emulator lets everybody in (spec 10.6). */
	{ .name = "SYSCALL, 32-bit", CODE(0x0f, 0x05), .compat = true, .stack = true,
	  .needs_amd = true, .expect = expect_fast_32 },
	{ .name = "SYSCALL, 32-bit, bad stack", CODE(0x0f, 0x05), .compat = true, .stack = true,
	  .hole = true, .needs_amd = true, .expect = expect_bad_stack },
	{ .name = "SYSENTER", CODE(0x0f, 0x34), .compat = true, .stack = true,
	  .needs_sysenter = true, .expect = expect_fast_32 },
	{ .name = "SYSENTER, bad stack", CODE(0x0f, 0x34), .compat = true, .stack = true,
	  .hole = true, .needs_sysenter = true, .expect = expect_sysenter_bad_stack },
	{ .name = "INT 0x80", CODE(0xcd, 0x80), .expect = expect_int80 },
	{ .name = "INT 0x80, 32-bit", CODE(0xcd, 0x80), .compat = true, .expect = expect_int80 },
	{ .name = "#PF", CODE(0x8a, 0x03), .signo = SIGSEGV, .hole = true },
	/* CS: DS is null, which makes it #GP on silicon and on Bochs. */
	{ .name = "#PF, 32-bit", CODE(0x2e, 0x8a, 0x03), .compat = true, .signo = SIGSEGV,
	  .hole = true },
	{ .name = "#GP", CODE(0xf4), .signo = SIGSEGV },
	{ .name = "#DE", CODE(0xf6, 0xf3), .signo = SIGFPE },	/* DIV BL, and BL is 0 */
	{ .name = "#UD", CODE(0x0f, 0x0b), .signo = SIGILL },
	{ .name = "#BP", CODE(0xcc), .signo = SIGTRAP },
	{ .name = "#DB", NOP, .signo = SIGTRAP, .flags = X86_TF },
	{ .name = "interrupt", NOP, .interrupts = true, .prepare = send_timer_vector },
	{ .name = "interrupt of the kernel", NOP, .interrupts = true,
	  .prepare = interrupt_kernel },
	{ .name = "NMI", NOP, .prepare = latch_nmi, .nmis = 1, .latches = true },
	{ .name = "NMI with an NMI inside", NOP, .prepare = latch_nesting_nmi, .nmis = 2,
	  .latches = true },
	{ .name = "NMI in the kernel", NOP, .prepare = send_nmi, .nmis = 1,
	  .step_from = STEP_NMI },
	{ .name = "NMI in a gap", NOP, .prepare = nmi_in_gap, .nmis = 1, .latches = true,
	  .step_from = STEP_NMI },
	{ .name = "NMI in an NMI", NOP, .prepare = nest_nmi, .nmis = 2, .step_from = STEP_NMI },
	{ .name = "#MC", CODE(0xcd, 18), .prepare = open_gate_18, .step_from = entry_MC },
	{ .name = "#MC in the kernel", NOP, .prepare = int18, .step_from = entry_MC },
	{ .name = "#MC in a gap", NOP, .prepare = int18_in_gap, .step_from = entry_MC },
	{ .name = "bad IRETQ", NOP, .signo = SIGSEGV, .prepare = spoil_ss, .mend = mend_ss },
	{ .name = "espfix return", NOP, .compat = true, .ss = SWEEP_SS16 },
	{ .name = "espfix return, 64-bit", NOP, .ss = SWEEP_SS16 },
	{ .name = "espfix return that faults", NOP, .signo = SIGSEGV, .prepare = remove_ss,
	  .mend = mend_ss, .double_fault = true, .step_from = entry_DF },
	{ .name = "espfix return of an NMI", NOP, .compat = true, .ss = SWEEP_SS16,
	  .prepare = latch_nmi, .nmis = 1, .latches = true },
	{ .name = "GS load that faults", NOP, .prepare = load_missing_gs },
	{ .name = "selector loads that fault", NOP, .prepare = fault_in_kernel },
	{ .name = "a new thread's first return", NOP, .fresh = true },
};
const unsigned sweep_door_count = ARRAY_SIZE(sweep_doors);
#endif

/* SPDX-License-Identifier: MIT */
/*
 * panic: the first CPU that arrives stops the others, tells what happened and ends the
 * machine.  It trusts nothing that may be broken: the CPU number comes from the GDT (LSL), and
 * the GS base is set right before anything uses it.
 */
#include "boot/console.h"
#include "kernel/cpu/apic.h"
#include "kernel/cpu/idt.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/ptregs.h"
#include "kernel/cpu/segments.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/machine_end.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/print.h"
#include "sched/thread.h"

#define NOBODY (-1)

static int panic_cpu = NOBODY;	/* who is telling the story; atomic */

/* Both GS bases as they were on arrival. */
struct gs_bases {
	uint64_t live, inactive;
};

bool panic_in_progress(void)
{
	return __atomic_load_n(&panic_cpu, __ATOMIC_RELAXED) != NOBODY;
}

static unsigned cpu_by_lsl(void)
{
	uint32_t limit = 0;

	if (!percpu_ready)
		return 0;
	/* LSL leaves limit alone where the GDT has no such entry. */
	__asm__("lsl %1, %0" : "+r"(limit) : "r"((uint32_t)CPU_NUMBER_SEL) : "cc");
	limit &= 0xfff;
	return limit < MAX_CPUS ? limit : 0;
}

static bool is_kernel_gs(uint64_t base)
{
	return base >= (uintptr_t)percpu_table && base < (uintptr_t)(percpu_table + MAX_CPUS);
}

static const char *gs_owner(uint64_t base)
{
	return is_kernel_gs(base) ? "kernel" : "not kernel";
}

static struct gs_bases take_gs(unsigned cpu)
{
	struct gs_bases gs = { rdmsr(MSR_GS_BASE), rdmsr(MSR_KERNEL_GS_BASE) };

	if (percpu_ready)
		wrmsr(MSR_GS_BASE, (uintptr_t)&percpu_table[cpu]);
	return gs;
}

static __noreturn void halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt" ::: "memory");
}

/* Returns only on the first CPU, only once. */
static void become_the_one(unsigned cpu)
{
	int before = NOBODY;

	if (__atomic_compare_exchange_n(&panic_cpu, &before, (int)cpu, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST))
		return;
	if (before != (int)cpu)
		halt();
	/* A panic inside the panic: no second story, only the end. */
	machine_fail(END_PANIC);
}

static void stop_others(void)
{
	unsigned online = 0;

	for_each_cpu(c)
		online += percpu_table[c].online;
	if (percpu_ready && online > 1)
		ipi_broadcast_others(VECTOR_STOP);
}

static void print_regs(const struct pt_regs *r)
{
	uintptr_t offset;
	const char *name = symbol_lookup(r->rip, &offset);

	printk_warn("rip %04lx:%016lx %s+0x%lx\n", r->cs, r->rip, name, offset);
	printk_warn("rsp %04lx:%016lx  rflags %08lx  orig_rax %lx\n", r->ss, r->rsp, r->rflags,
		    r->orig_rax);
	printk_warn("rax %016lx rbx %016lx rcx %016lx\n", r->rax, r->rbx, r->rcx);
	printk_warn("rdx %016lx rsi %016lx rdi %016lx\n", r->rdx, r->rsi, r->rdi);
	printk_warn("rbp %016lx r8  %016lx r9  %016lx\n", r->rbp, r->r8, r->r9);
	printk_warn("r10 %016lx r11 %016lx r12 %016lx\n", r->r10, r->r11, r->r12);
	printk_warn("r13 %016lx r14 %016lx r15 %016lx\n", r->r13, r->r14, r->r15);
}

static void print_cpu(unsigned cpu, const struct gs_bases *gs)
{
	const struct thread *t = percpu_ready ? percpu_table[cpu].current : NULL;

	printk_warn("cpu %u, thread %d \"%s\"\n", cpu, t ? t->tid : 0, t ? t->comm : "boot");
	printk_warn("cr2 %016lx cr3 %016lx cr4 %08lx\n", read_cr2(), read_cr3(), read_cr4());
	printk_warn("gs base %016lx (%s, live), KERNEL_GS_BASE %016lx (%s)\n", gs->live,
		    gs_owner(gs->live), gs->inactive, gs_owner(gs->inactive));
}

static __noreturn void tell(const struct pt_regs *regs, uintptr_t rbp, uintptr_t rip,
			    const char *fmt, va_list args)
{
	char message[256];
	unsigned cpu;
	struct gs_bases gs;

	irq_disable();
	cpu = cpu_by_lsl();
	gs = take_gs(cpu);
	become_the_one(cpu);
	stop_others();
	console_log_everywhere();
	vsnprintf(message, sizeof(message), fmt, args);
	printk_warn("paranoid: panic: %s\n", message);
	print_cpu(cpu, &gs);
	if (regs)
		print_regs(regs);
	printk_warn("backtrace:\n");
	if (!regs || !user_mode(regs))
		backtrace_print(rbp, rip);
	machine_fail(END_PANIC);
}

void panic_regs(const struct pt_regs *regs, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(regs, regs->rbp, regs->rip, fmt, args);
}

void panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(NULL, (uintptr_t)__builtin_frame_address(0), 0, fmt, args);
}

void fatal(const char *fmt, ...)
{
	char message[256];
	va_list args;

	irq_disable();
	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	console_log_everywhere();
	printk_warn("paranoid: fatal: %s\n", message);
	machine_fail(END_FATAL);
}

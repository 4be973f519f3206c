/* SPDX-License-Identifier: MIT */
/*
 * panic: the first CPU that arrives stops the others, tells what happened and ends the
 * machine.  It trusts nothing that may be broken: the CPU number comes from the GDT (LSL), and
 * the GS base is set right before anything uses it.  What broke may also break the report: a panic
 * within the panic gets one line, and the next one none.
 */
#include "boot/console.h"
#include "kernel/cpu/apic.h"
#include "kernel/cpu/idt.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/ptregs.h"
#include "kernel/cpu/segments.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/entry_trace.h"
#include "kernel/debug/machine_end.h"
#include "kernel/debug/panic.h"
#include "kernel/debug/panic_report.h"
#include "kernel/lib/print.h"

#define NOBODY (-1)
#define POST_PORT 0x80
#define STOP_READS 100000	/* a tenth of a second */

static int panic_cpu = NOBODY;	/* who is telling the story; atomic */
static unsigned depth;		/* of panics on that CPU */

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

/* Both bases as they are on arrival; then this CPU's own is the live one. */
static void panic_take_gs(struct panic_state *s)
{
	s->gs_live = rdmsr(MSR_GS_BASE);
	s->gs_inactive = rdmsr(MSR_KERNEL_GS_BASE);
	if (percpu_ready)
		wrmsr(MSR_GS_BASE, (uintptr_t)&percpu_table[s->cpu]);
}

static __noreturn void halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt" ::: "memory");
}

/* Returns only on the first CPU. */
static void become_the_one(unsigned cpu)
{
	int before = NOBODY;

	if (__atomic_compare_exchange_n(&panic_cpu, &before, (int)cpu, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST))
		return;
	if (before != (int)cpu) {
		percpu_table[cpu].stopped = true;
		halt();
	}
}

void panic_stop_here(void)
{
	int who = __atomic_load_n(&panic_cpu, __ATOMIC_SEQ_CST);

	if (who == NOBODY || who == (int)this_cpu(cpu))
		return;
	WRITE_ONCE(this_percpu()->stopped, true);
	halt();
}

static unsigned running_others(unsigned cpu)
{
	unsigned n = 0;

	for_each_cpu(c)
		n += c != cpu && percpu_table[c].online && !READ_ONCE(percpu_table[c].stopped);
	return n;
}

/* No clock: it may be what is broken.  A read of an unused port takes about a microsecond. */
static void wait_for_others(unsigned cpu, unsigned reads)
{
	for (unsigned i = 0; i < reads && running_others(cpu); i++)
		inb(POST_PORT);
}

/*
 * Whoever has interrupts on stops at an instruction of the ordinary kind; the others get an NMI.
 * One that does not even take that one is left alone, and the story is told all the same.
 */
static void stop_others(unsigned cpu)
{
	if (!percpu_ready || !running_others(cpu))
		return;
	ipi_broadcast_others(VECTOR_STOP);
	wait_for_others(cpu, STOP_READS);
	for_each_cpu(c)
		if (c != cpu && percpu_table[c].online && !READ_ONCE(percpu_table[c].stopped))
			ipi_send_nmi(c);
	wait_for_others(cpu, 10 * STOP_READS);
}

static void print_others(unsigned cpu)
{
	for_each_cpu(c)
		if (c != cpu && percpu_table[c].online && !READ_ONCE(percpu_table[c].stopped))
			printk_warn("cpu %u does not stop\n", c);
}

static __noreturn void tell(struct panic_state *s, const char *fmt, va_list args)
{
	char message[256];

	s->rflags = read_flags();
	irq_disable();
	s->cpu = cpu_by_lsl();
	trace_stop(s->cpu);
	panic_take_gs(s);
	become_the_one(s->cpu);
	console_log_everywhere();
	if (++depth > 2)
		machine_fail_silently(END_PANIC);
	vsnprintf(message, sizeof(message), fmt, args);
	if (depth == 1) {
		stop_others(s->cpu);
		panic_report(s, message);
		print_others(s->cpu);
		if (percpu_ready)
			trace_print(s->cpu);	/* a page does not scroll */
	} else {
		panic_line("paranoid: panic within the panic: %s", message);
	}
	machine_fail(END_PANIC);
}

void panic_regs(const struct pt_regs *regs, const char *fmt, ...)
{
	struct panic_state s = {
		.regs = regs,
		.rsp = (uintptr_t)__builtin_frame_address(0),
		.rip = regs->rip,
		.rbp = regs->rbp,
	};
	va_list args;

	va_start(args, fmt);
	tell(&s, fmt, args);
}

void panic(const char *fmt, ...)
{
	struct panic_state s = {
		.rsp = (uintptr_t)__builtin_frame_address(0),
		.rip = (uintptr_t)__builtin_return_address(0),
		.rbp = (uintptr_t)__builtin_frame_address(0),
	};
	va_list args;

	va_start(args, fmt);
	tell(&s, fmt, args);
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

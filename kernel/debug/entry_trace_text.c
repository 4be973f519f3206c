/* SPDX-License-Identifier: MIT */
/*
 * The entry trace as text: one line an event, "trace:" and then words NAME=VALUE, which is what
 * tests/tools/entry_trace.py reads, in a file or between other lines of a log.
 */
#ifdef CONFIG_DEBUG
#include "kernel/cpu/clock.h"
#include "kernel/cpu/exit.h"
#include "kernel/cpu/idt.h"
#include "kernel/cpu/traps.h"
#include "kernel/debug/entry_trace.h"
#include "kernel/debug/panic_report.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/print.h"

#define OWN_LAST   24u	/* events that a panic prints of its own CPU */
#define OTHER_LAST 8u

/* Two tables that "paranoid trace" (kernel/debug/gdb/trace.py) reads, too. */
static const struct {
	unsigned door;
	const char *name;
} other_doors[] = {
	{ VECTOR_SYSCALL, "INT80" },
	{ VECTOR_TIMER, "IRQ-timer" },
	{ VECTOR_RESCHEDULE, "IRQ-reschedule" },
	{ VECTOR_TLB, "IRQ-tlb" },
	{ VECTOR_STOP, "IRQ-stop" },
	{ TRACE_SYSCALL_64, "SYSCALL" },
	{ TRACE_SYSCALL_FAST_32, "SYSCALL32" },
};

static const char *const gs_names[] = {
	[TRACE_BY_CS] = "by-cs",
	[TRACE_RESTORE] = "restore",
	[TRACE_NOTHING] = "nothing",
	[TRACE_SWAPGS] = "swapgs",
};

static const char *known_door(unsigned door)
{
	if (exception_name(door))
		return exception_name(door);
	for (unsigned i = 0; i < ARRAY_SIZE(other_doors); i++)
		if (other_doors[i].door == door)
			return other_doors[i].name;
	return NULL;
}

static void door_name(char *name, size_t size, unsigned door)
{
	const char *known = known_door(door);

	if (known)
		snprintf(name, size, "%s", known);
	else
		snprintf(name, size, "IRQ-%#x", door);
}

static int format_enter(char *line, size_t size, const struct trace_event *e)
{
	char door[16];

	door_name(door, sizeof(door), e->door);
	return snprintf(line, size, " enter=%s from=%s gs=%s arg=%llx", door,
			e->user ? "user" : "kernel", gs_names[e->gs], (unsigned long long)e->arg);
}

void trace_format(char line[TRACE_LINE], unsigned cpu, const struct trace_event *e)
{
	uintptr_t offset;
	const char *name = symbol_lookup(e->rip, &offset);
	int n = snprintf(line, TRACE_LINE, "trace: cpu=%u n=%u tsc=%llu thread=%u depth=%u", cpu,
			 e->number, (unsigned long long)e->tsc, e->thread, e->depth);

	if (e->kind == TRACE_SWITCH) {
		snprintf(line + n, TRACE_LINE - n, " switch");
		return;
	}
	if (e->kind == TRACE_ENTER)
		n += format_enter(line + n, TRACE_LINE - n, e);
	else
		n += snprintf(line + n, TRACE_LINE - n, " exit=%s to=%s",
			      e->user ? exit_name(e->arg) : "iret", e->user ? "user" : "kernel");
	n += snprintf(line + n, TRACE_LINE - n, " frame=%x rip=%lx", e->frame, e->rip);
	if (!e->user)
		snprintf(line + n, TRACE_LINE - n, " at=%s+0x%lx", name, offset);
}

void trace_format_head(char line[TRACE_LINE])
{
	snprintf(line, TRACE_LINE, "trace: tsc_hz=%llu cpus=%u",
		 (unsigned long long)clock_params.tsc_hz, cpu_count);
}

static void print_last(unsigned cpu, unsigned count)
{
	const struct percpu *pc = &percpu_table[cpu];
	uint64_t end = trace_count(pc);
	struct trace_event e;
	char line[TRACE_LINE];

	for (uint64_t i = end > count ? end - count : 0; i < end; i++) {
		if (!trace_read(pc, i, &e))
			continue;
		trace_format(line, cpu, &e);
		printk_warn("%s\n", line);
	}
}

void trace_print(unsigned cpu)
{
	char line[TRACE_LINE];

	trace_format_head(line);
	printk_warn("%s\n", line);
	print_last(cpu, OWN_LAST);
	for_each_cpu (c)
		if (c != cpu)
			print_last(c, OTHER_LAST);
}

static void print_short(const struct trace_event *e)
{
	char door[16];

	door_name(door, sizeof(door), e->door);
	if (e->kind == TRACE_SWITCH)
		panic_line("last: switch to thread %u", e->thread);
	else if (e->kind == TRACE_ENTER)
		panic_line("last: %s from %s, depth %u, rip %lx", door,
			   e->user ? "user" : "kernel", e->depth, e->rip);
	else
		panic_line("last: exit to %s, depth %u, rip %lx", e->user ? "user" : "kernel",
			   e->depth, e->rip);
}

void trace_print_short(unsigned cpu, unsigned count)
{
	const struct percpu *pc = &percpu_table[cpu];
	uint64_t end = trace_count(pc);
	struct trace_event e;

	for (uint64_t i = end > count ? end - count : 0; i < end; i++)
		if (trace_read(pc, i, &e))
			print_short(&e);
}
#endif

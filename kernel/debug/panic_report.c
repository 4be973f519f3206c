/* SPDX-License-Identifier: MIT */
/*
 * The panic page: one screen of 80 x 25, made to be photographed.  What matters most comes first,
 * as a page does not scroll; a larger screen and the serial port show more callers.
 *
 *	paranoid: panic: GS-1 violated: ...
 *	GS-1: see docs/INVARIANTS.md | CPU 1 of 4, thread 12 "name"
 *	rip, rsp, rflags, the general registers (of a fault; an assertion has only the first three)
 *	names for the registers that point into the kernel's text
 *	control registers | both GS bases and whose they are
 *	IST stacks: which are in use, are the two words at the bottom of each intact (IST-1, IST-2)
 *	code bytes | the last entries of the entry trace | callers
 */
#include "kernel/debug/panic_report.h"

#include "boot/console.h"
#include "kernel/cpu/cpu_area.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/entry_trace.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/paging.h"
#include "sched/thread.h"

#define LINE_BYTES   384
#define COLUMNS	     80
#define CODE_BEFORE  8
#define CODE_AFTER   12
#define ID_BYTES     16
#define TRACE_LINES  3u

void panic_line(const char *fmt, ...)
{
	char line[LINE_BYTES];
	va_list args;
	size_t n;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line) - 1, fmt, args);
	va_end(args);
	n = strlen(line);
	line[n++] = '\n';
	console_write_log(line, n, true);
}

bool panic_readable(uintptr_t addr, size_t n)
{
	phys_t table = read_cr3() & PTE_FRAME;

	return addr >= DIRECT_MAP_BASE && addr <= -n && paging_lookup(table, addr) &&
	       paging_lookup(table, addr + n - 1);
}

static void print_place(const struct panic_state *s, const char *message)
{
	const struct thread *t = percpu_ready ? percpu_table[s->cpu].current : NULL;
	const char *end = strchr(message, ' ');
	char id[ID_BYTES] = "none";

	if (end && (size_t)(end - message) < sizeof(id) && !strncmp(end, " violated", 9))
		strlcpy(id, message, end - message + 1);
	panic_line("invariant %s (docs/INVARIANTS.md) | CPU %u of %u, thread %d \"%s\"", id, s->cpu,
		   MAX(cpu_count, 1u), t ? t->tid : 0, t ? t->comm : "boot");
}

static void print_registers(const struct panic_state *s)
{
	const struct pt_regs *r = s->regs;
	uintptr_t offset;
	/* Without a frame: where panic would return to, perhaps behind the function's end. */
	const char *name = symbol_lookup(r ? r->rip : s->rip - 1, &offset);

	if (!r) {
		panic_line("rip %016lx %s+0x%lx", s->rip, name, offset + 1);
		panic_line("rsp %016lx  rbp %016lx  rflags %08lx", s->rsp, s->rbp, s->rflags);
		return;
	}
	panic_line("rip %04lx:%016lx %s+0x%lx", r->cs, r->rip, name, offset);
	panic_line("rsp %04lx:%016lx  rflags %08lx  orig_rax %lx", r->ss, r->rsp, r->rflags,
		   r->orig_rax);
	panic_line("rax %016lx  rbx %016lx  rcx %016lx", r->rax, r->rbx, r->rcx);
	panic_line("rdx %016lx  rsi %016lx  rdi %016lx", r->rdx, r->rsi, r->rdi);
	panic_line("rbp %016lx  r8  %016lx  r9  %016lx", r->rbp, r->r8, r->r9);
	panic_line("r10 %016lx  r11 %016lx  r12 %016lx", r->r10, r->r11, r->r12);
	panic_line("r13 %016lx  r14 %016lx  r15 %016lx", r->r13, r->r14, r->r15);
}

/* One line of those that point into the kernel's text, as far as it reaches. */
static void print_register_names(const struct pt_regs *r)
{
	static const char name[15][4] = { "r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10",
					  "r9",	 "r8",	"rax", "rcx", "rdx", "rsi", "rdi" };
	char line[COLUMNS + 1] = "", one[COLUMNS];
	const uint64_t *value = &r->r15;

	for (unsigned i = 0; i < ARRAY_SIZE(name); i++) {
		uintptr_t offset;
		const char *symbol = symbol_lookup(value[i], &offset);

		if (symbol[0] == '?')
			continue;
		snprintf(one, sizeof(one), " %s = %s+0x%lx", name[i], symbol, offset);
		if (strlen(line) + strlen(one) < COLUMNS - 5)
			strlcpy(line + strlen(line), one, sizeof(line) - strlen(line));
	}
	if (line[0])
		panic_line("text:%s", line);
}

/* A percpu of the table, and whose: that is what a kernel GS base is (GS-1). */
static const char *gs_owner(uint64_t base, char *buf, size_t size)
{
	uint64_t offset = base - (uintptr_t)percpu_table;

	if (offset < sizeof(percpu_table) && offset % sizeof(percpu_table[0]) == 0)
		snprintf(buf, size, "kernel, CPU %u", (unsigned)(offset / sizeof(percpu_table[0])));
	else
		snprintf(buf, size, "not kernel");
	return buf;
}

static void print_system(const struct panic_state *s)
{
	char live[32], other[32];

	panic_line("cr0 %08lx cr2 %016lx cr3 %lx cr4 %lx FSGSBASE %s", read_cr0(), read_cr2(),
		   read_cr3(), read_cr4(), read_cr4() & CR4_FSGSBASE ? "on" : "off");
	panic_line("GS base %016lx (%s) is live", s->gs_live,
		   gs_owner(s->gs_live, live, sizeof(live)));
	panic_line("   the other %016lx (%s), in KERNEL_GS_BASE", s->gs_inactive,
		   gs_owner(s->gs_inactive, other, sizeof(other)));
}

static const char *word_state(const struct panic_state *s, uintptr_t bottom)
{
	const uint64_t *word = (const uint64_t *)bottom;

	if (!panic_readable(bottom, 16))
		return "unmapped";
	if (word[1] != IST_MAGIC)
		return "magic BAD";
	return word[0] == (uintptr_t)&percpu_table[s->cpu] ? "ok" : "word BAD";
}

static bool on_stack(uintptr_t rsp, uintptr_t bottom)
{
	return rsp - bottom <= IST_SIZE;	/* an empty stack is in use, too */
}

/* Two of them a line: index, vector, lowest address, the words there. */
static void print_ist_stacks(const struct panic_state *s)
{
	static const char vector[IST_COUNT + 1][4] = { "", "#DF", "NMI", "#DB", "#MC" };
	char half[2][40];

	if (!percpu_ready)
		return;
	for (unsigned ist = 1; ist <= IST_COUNT; ist++) {
		uintptr_t bottom = ist_bottom(s->cpu, ist);
		bool used = on_stack(s->rsp, bottom) || (s->regs && on_stack(s->regs->rsp, bottom));

		snprintf(half[(ist - 1) % 2], sizeof(half[0]), "%u %s %016lx %s%s", ist,
			 vector[ist], bottom, word_state(s, bottom), used ? " IN USE" : "");
		if (ist % 2 == 0)
			panic_line("IST %-37s %s", half[0], half[1]);
	}
}

static void print_code(uintptr_t rip)
{
	char line[COLUMNS] = "code:";
	uintptr_t offset;
	size_t n = strlen(line);

	if (symbol_lookup(rip, &offset)[0] == '?')
		return;
	for (uintptr_t at = rip - CODE_BEFORE; at < rip + CODE_AFTER; at++) {
		if (!panic_readable(at, 1))
			continue;
		n += snprintf(line + n, sizeof(line) - n, at == rip ? " <%02x>" : " %02x",
			      *(const uint8_t *)at);
	}
	panic_line("%s", line);
}

void panic_report(const struct panic_state *s, const char *message)
{
	bool user = s->regs && user_mode(s->regs);

	console_begin_page();
	panic_line("paranoid: panic: %s", message);
	print_place(s, message);
	print_registers(s);
	if (s->regs)
		print_register_names(s->regs);
	print_system(s);
	print_ist_stacks(s);
	if (!user) {
		print_code(s->regs ? s->regs->rip : s->rip);
		if (percpu_ready)
			trace_print_short(s->cpu, TRACE_LINES);
		panic_line("backtrace:");
		backtrace_print(s->rbp, s->regs ? s->rip : 0);
	}
}

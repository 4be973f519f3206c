/* SPDX-License-Identifier: MIT */
/*
 * The chain of callers along the frame pointers (all C code of a debug build has them).
 * The stack may be what is broken: a frame is read only if it is mapped, and
 * the chain may only go upwards, except once from an IST stack to the stack that was interrupted.
 */
#include "kernel/debug/panic.h"
#include "kernel/debug/panic_report.h"

#define MAX_LINES 32

struct frame {
	uintptr_t caller_rbp, return_address;
};

static void print_line(uintptr_t addr, uintptr_t lookup)
{
	uintptr_t offset;
	const char *name = symbol_lookup(lookup, &offset);

	panic_line("  %016lx %s+0x%lx", addr, name, offset + (addr - lookup));
}

#ifdef CONFIG_DEBUG
static bool readable(uintptr_t rbp)
{
	return rbp % 8 == 0 && panic_readable(rbp, sizeof(struct frame));
}

/* Endless recursion must not push everything else off the page. */
static void print_same(unsigned times)
{
	if (times)
		panic_line("  the same %u times more", times);
}

static void print_callers(uintptr_t rbp)
{
	unsigned downwards = 0, same = 0;
	uintptr_t last = 0;

	for (unsigned lines = 0; lines < MAX_LINES && readable(rbp);) {
		const struct frame *frame = (const struct frame *)rbp;
		uintptr_t address = frame->return_address;

		if (address == 0)
			return;
		if (address == last) {
			same++;
		} else {
			print_same(same);
			same = 0;
			/* A call that never returns may come last in its function. */
			print_line(address, address - 1);
			lines++;
		}
		last = address;
		if (frame->caller_rbp <= rbp && ++downwards > 1)
			return;
		rbp = frame->caller_rbp;
	}
}
#else
static void print_callers(uintptr_t rbp)
{
	panic_line("  (built with DEBUG=0: no frame pointers, so no callers)");
}
#endif

void backtrace_print(uintptr_t rbp, uintptr_t rip)
{
	if (rip)
		print_line(rip, rip);
	print_callers(rbp);
}

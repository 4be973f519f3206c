/* SPDX-License-Identifier: MIT */
/*
 * The chain of callers along the frame pointers (all C code of a debug build has them).
 * The stack may be what is broken: a frame is read only if it is mapped, and
 * the chain may only go upwards, except once from an IST stack to the stack that was interrupted.
 */
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/print.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/paging.h"

#define MAX_FRAMES 32

struct frame {
	uintptr_t caller_rbp, return_address;
};

static void print_line(uintptr_t addr, uintptr_t lookup)
{
	uintptr_t offset;
	const char *name = symbol_lookup(lookup, &offset);

	printk_warn("  %016lx %s+0x%lx\n", addr, name, offset + (addr - lookup));
}

#ifdef CONFIG_DEBUG
static bool readable(uintptr_t rbp)
{
	phys_t table = read_cr3() & PTE_FRAME;

	return rbp >= DIRECT_MAP_BASE && rbp % 8 == 0 && rbp <= -sizeof(struct frame) &&
	       paging_lookup(table, rbp) && paging_lookup(table, rbp + 8);
}

static void print_callers(uintptr_t rbp)
{
	unsigned downwards = 0;

	for (unsigned i = 0; i < MAX_FRAMES && readable(rbp); i++) {
		const struct frame *frame = (const struct frame *)rbp;

		if (frame->return_address == 0)
			return;
		/* A call that never returns may come last in its function: look up the call. */
		print_line(frame->return_address, frame->return_address - 1);
		if (frame->caller_rbp <= rbp && ++downwards > 1)
			return;
		rbp = frame->caller_rbp;
	}
}
#else
static void print_callers(uintptr_t rbp)
{
	printk_warn("  (built with DEBUG=0: no frame pointers, so no callers)\n");
}
#endif

void backtrace_print(uintptr_t rbp, uintptr_t rip)
{
	if (rip)
		print_line(rip, rip);
	print_callers(rbp);
}

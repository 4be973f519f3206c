/* SPDX-License-Identifier: MIT */
/*
 * What each CPU keeps for itself.  In kernel mode the GS base points at this CPU's
 * struct percpu (invariant GS-1); entry code uses the first fields by offset.
 *
 * Each CPU also owns a window of kernel addresses (CPU_AREA, kernel/mm/layout.h) with its GDT, TSS
 * and IST stacks; kernel/cpu/cpu_area.h says how it is laid out.
 */
#pragma once

#include "kernel/lib/compiler.h"

#define MAX_CPUS 64

struct thread;
struct runqueue;
struct tss;
struct ldt;
struct trace_event;

/* Why a return to user mode took IRET or SYSRET (R6.18); counted per CPU. */
enum exit_reason {
	EXIT_SYSRETQ,
	EXIT_IRET_NOT_SYSCALL,	/* interrupt, exception or INT 0x80 */
	EXIT_IRET_RCX,		/* RCX != RIP */
	EXIT_IRET_R11,		/* R11 != RFLAGS */
	EXIT_IRET_NONCANONICAL,	/* RIP is not a user address */
	EXIT_IRET_SELECTOR,	/* CS or SS is not the flat 64-bit pair */
	EXIT_IRET_FLAGS,	/* RF or TF is set */
	/* After SYSENTER and the 32-bit SYSCALL: */
	EXIT_SYSRETL,
	EXIT_IRET32_PAD,	/* RIP is not the landing pad */
	EXIT_IRET32_SELECTOR,	/* CS or SS is not the flat 32-bit pair */
	EXIT_IRET32_FLAGS,	/* RF or TF is set */
	EXIT_IRET32_FAULT,	/* the sixth argument could not be read */
	EXIT_REASONS
};

struct percpu {
	struct percpu *self;		/* GS:0 */
	struct thread *current;
	uintptr_t kernel_stack;		/* top of current's stack: where SYSCALL entry goes */
	uintptr_t user_rsp;		/* SYSCALL entry parks the user's RSP here for a moment */
	uintptr_t espfix_words;		/* where this CPU's five words are written, and */
	uintptr_t espfix_alias;		/* their read-only alias with bits 31:16 clear */
	struct tss *tss;

	unsigned cpu;			/* dense number, 0 = boot CPU */
	uint32_t apic_id;
	bool online;
	void *boot_stack;		/* AP: lowest address of its idle thread's; else NULL */

	/* Debug: ranks of the locks held on this CPU, outermost first (kernel/lib/lock_order.c). */
	unsigned locks_held;
	uint8_t lock_rank[16];
	unsigned irq_depth;		/* >0 inside a device or timer interrupt */

	uint32_t nmi_state;		/* kernel/cpu/nmi.c */
	uint32_t nmi_expected;		/* sent here, not yet handled; atomic */
	bool mce_on_ist;		/* from the kernel, not yet handled; machine_check.c */
	bool stopped;			/* for a panic on another CPU */
	struct runqueue *rq;
	uint64_t *gdt;			/* cpu_gdt() of this CPU */
	const struct ldt *ldt;		/* what LDTR holds, NULL for none (kernel/mm/ldt.h) */
	uint64_t live_selectors;	/* FS, GS, DS, ES as the last user thread left them */
	uint64_t exits[EXIT_REASONS];
	uint64_t nmi_count, mce_count, db_count, irq_count;
	uint64_t db_stray;		/* #DB in the kernel that nobody asked for; paranoid.c */
	uint64_t segment_loads, ldt_loads;	/* selectors loaded for user mode; LLDT executed */
#ifdef CONFIG_DEBUG
	struct trace_event *trace;	/* kernel/debug/entry_trace.h; NULL: records nothing */
	struct trace_event *trace_ring;	/* to be read, also when that has ended */
	uint64_t trace_word;
#endif
};

/* Reads and writes of this CPU's fields are single %gs instructions: safe with interrupts on. */
#define this_cpu(field)          (((struct percpu __seg_gs *)0)->field)

static inline struct percpu *this_percpu(void)
{
	return this_cpu(self);
}

/*
 * True from the moment the boot CPU's GS base is valid; before that this_cpu may not be
 * used.  Set by cpu_area_load on the boot CPU; every AP loads its GS base before it takes a lock.
 */
extern bool percpu_ready;

extern struct percpu percpu_table[MAX_CPUS];
extern unsigned cpu_count;	/* CPUs found; percpu_table[0..cpu_count) are valid */

#define for_each_cpu(c) for (unsigned c = 0; c < cpu_count; c++)

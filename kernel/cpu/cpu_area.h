/* SPDX-License-Identifier: MIT */
/*
 * The per-CPU window at CPU_AREA_BASE + cpu * CPU_AREA_STRIDE:
 *
 *	+0x00000  GDT page (read-only for the CPU's use; TLS slots written through the alias)
 *	+0x01000  TSS page
 *	+0x10000  IST stack 1, then one IST slot after the other:
 *	          [ guard, IST_SIZE, not mapped ][ stack, IST_SIZE, IST_SIZE-aligned ]
 *
 * The lowest word of each IST stack holds this CPU's kernel GS base, the next one
 * IST_MAGIC (spec 2.3, design A).  Paranoid entry finds it by RSP & -IST_SIZE (IST-1).
 */
#pragma once

#include "kernel/cpu/segments.h"

#define IST_SIZE   8192
#define IST_MAGIC  0x504152414e4f4944	/* "PARANOID" */

#define IST_DF     1
#define IST_NMI    2
#define IST_DB     3
#define IST_MC     4
#define IST_COUNT  4

#ifndef __NASM__
#include "kernel/lib/compiler.h"

struct percpu;

struct __packed tss {
	uint32_t reserved0;
	uint64_t rsp0, rsp1, rsp2;
	uint64_t reserved1;
	uint64_t ist[7];	/* ist[n-1] is the top for IST index n */
	uint64_t reserved2;
	uint16_t reserved3, iomap_base;
};

/*
 * Allocates and maps the window, fills GDT, TSS, IST tops and bottom words.  Boot CPU calls it for
 * every CPU.
 */
int cpu_area_create(struct percpu *pc);
/*
 * On the CPU itself, in the order of R1.8/R1.9: GDT, segment registers, GS base, TSS,
 * LDT(0), cpu_features_enable(), then - last - the real IDT.  Asserts each step.
 */
void cpu_area_load(struct percpu *pc);

/*
 * The writable alias of a CPU's GDT.  A descriptor written here has its accessed bit set: the CPU
 * sees the table read-only, and would fault when it tried to set the bit itself (GDT-1).
 */
uint64_t *cpu_gdt(unsigned cpu);
uintptr_t ist_bottom(unsigned cpu, unsigned ist);
/* Which IST stack (1..IST_COUNT) or guard an address belongs to; 0: none.  *cpu is set. */
unsigned ist_find(uintptr_t addr, unsigned *cpu, bool *guard);
/* Panics (IST-2, IST-3) unless magic and GS word of the stack under rsp are right for this CPU. */
void ist_check(uintptr_t rsp, unsigned ist);
#endif

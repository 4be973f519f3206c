/* SPDX-License-Identifier: MIT */
/*
 * The trampoline of application processors (boot/ap_start.asm).  A SIPI starts a CPU in
 * real mode at the first byte of a page below 1 MiB.  To start one, the boot CPU
 * copies [ap_trampoline_start, ap_trampoline_end) to the start of such a page (any: the
 * code finds its own address from CS), fills the struct ap_params that lies at
 * AP_PARAMS_OFFSET in the copy, and sends the page number as SIPI vector.
 * One CPU at a time: the block may be filled anew only after the C entry was reached.
 */
#pragma once

#include "kernel/lib/compiler.h"

struct ap_params {
	uint64_t pml4;		/* physical, below 4 GiB; maps the trampoline's page to itself */
	uint64_t stack_top;	/* virtual, 16-byte aligned */
	uint64_t entry;		/* virtual; called as __noreturn void entry(void *arg) */
	uint64_t arg;		/* arrives in RDI */
	uint32_t nx;		/* nonzero: set EFER.NXE before paging, since pml4 has NX entries */
	uint32_t reserved;
} __packed;

_Static_assert(sizeof(struct ap_params) == 40 && offsetof(struct ap_params, nx) == 32,
	       "boot/ap_start.asm has the same offsets");

extern const uint8_t ap_trampoline_start[], ap_trampoline_end[], ap_trampoline_params[];

#define AP_PARAMS_OFFSET ((size_t)(ap_trampoline_params - ap_trampoline_start))

/*
 * State at the C entry: 64-bit mode, CR0 = PG WP NE ET MP PE, CR4 = PAE, EFER = LME (and
 * NXE), CS and SS of the trampoline's own small GDT (KERNEL_CS, KERNEL_DS), DS/ES/FS/GS
 * null; IF, DF, TF, NT, AC and IOPL clear.  GDT, IDT, GS base and the rest of CR4 are the
 * callee's work.
 */

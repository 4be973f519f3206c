/* SPDX-License-Identifier: MIT */
/*
 * Extended state: its memory, and the instructions that save and load it, the best that the CPU
 * has.
 */
#pragma once

#include "kernel/cpu/alternative.h"
#include "kernel/cpu/features.h"

/* cpu_info.xsave_size bytes, 64-byte aligned, in the initial state.  NULL: out of memory. */
void *xstate_alloc(void);
void xstate_free(void *xstate);
/*
 * The state that exec and thread_alloc begin with: FCW 0x37f, MXCSR 0x1f80, everything else
 * initial.
 */
void xstate_reset(void *xstate);
extern const uint32_t xstate_operand;	/* for xstate_load: a fixed address */
/* Own thread: the registers, as at the start of a program and of a signal handler. */
void xstate_load_initial(void);

/*
 * All components that XCR0 enables, in the standard format: signal frames and register sets have
 * it.  XSAVEOPT leaves out what is initial or has not changed since this very area was loaded, so
 * x is the area that was loaded last.
 */
static __always_inline void xstate_save(void *x)
{
	__asm__ volatile(ALTERNATIVE_2("fxsave64 (%0)", "xsave64 (%0)", FEATURE_XSAVE,
				       "xsaveopt64 (%0)", FEATURE_XSAVEOPT)
			 ::"D"(x), "a"(-1), "d"(-1) : "memory");
}

/*
 * On AMD the addresses of the last x87 instruction and its operand are loaded only with an exception
 * pending: without this, the next thread sees the last one's (CVE-2006-1056).  FNCLEX, or FILD would
 * raise what is pending; EMMS, or its push would overflow; the operand's address is every kernel's.
 */
static __always_inline void xstate_forget_pointers(void)
{
	if (unlikely(cpu_has(FEATURE_FPU_POINTERS_STAY)))
		__asm__ volatile("fnclex; emms; fildl %0" ::"m"(xstate_operand) : "memory");
}

static __always_inline void xstate_load(const void *x)
{
	xstate_forget_pointers();
	__asm__ volatile(ALTERNATIVE("fxrstor64 (%0)", "xrstor64 (%0)", FEATURE_XSAVE)
			 ::"D"(x), "a"(-1), "d"(-1) : "memory");
}

/* SPDX-License-Identifier: MIT */
/*
 * The memory of extended state: x87, SSE, AVX and what else XCR0 enables.  It is saved and loaded
 * eagerly at each switch (never lazily: CVE-2018-3665) by sched/xstate.h.  The kernel itself is
 * compiled without these registers.
 */
#include "kernel/cpu/features.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/vmap.h"
#include "sched/xstate.h"

/* SDM vol. 1, 10.5.1 (FXSAVE area) and 13.4 (XSAVE header). */
#define FX_FCW        0
#define FX_MXCSR      24
#define XSAVE_MIN     576	/* both of them */
#define FCW_INIT      0x037f
#define MXCSR_INIT    0x1f80

const uint32_t xstate_operand;

void *xstate_alloc(void)
{
	size_t size = cpu_info.xsave_size;
	void *x = size <= PAGE_SIZE ? kmalloc(size) : vmap_alloc(size);

	if (!x)
		return NULL;
	ASSERT((uintptr_t)x % 64 == 0, "XSTATE-1");	/* XSAVE faults otherwise */
	xstate_reset(x);
	return x;
}

void xstate_free(void *x)
{
	if (cpu_info.xsave_size <= PAGE_SIZE)
		kfree(x);
	else
		vmap_free(x, cpu_info.xsave_size);
}

/*
 * With XSTATE_BV = 0 XRSTOR gives every component its initial value, whatever lies behind the
 * header; MXCSR alone is always loaded from memory (SDM vol. 1, 13.8.1).  The whole area is
 * cleared even so: XSAVEOPT does not write a component that is in its initial state, and whoever
 * reads the area would find what the heap had there before.
 */
void xstate_reset(void *x)
{
	memset(x, 0, cpu_info.xsave_size);
	*(uint16_t *)((char *)x + FX_FCW) = FCW_INIT;
	*(uint32_t *)((char *)x + FX_MXCSR) = MXCSR_INIT;
}

/* XSTATE_BV = 0: all components become initial, and XRSTOR reads nothing behind the header. */
void xstate_load_initial(void)
{
	static const struct {
		uint16_t fcw;
		uint8_t pad[FX_MXCSR - 2];
		uint32_t mxcsr;
		uint8_t rest[XSAVE_MIN - FX_MXCSR - 4];
	} initial __aligned(64) = { .fcw = FCW_INIT, .mxcsr = MXCSR_INIT };

	xstate_load(&initial);
}

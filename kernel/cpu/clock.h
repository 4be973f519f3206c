/* SPDX-License-Identifier: MIT */
/* Time: TSC, calibrated once against the PIT; nanoseconds since boot and since 1970. */
#pragma once

#include "kernel/lib/compiler.h"

/* Boot CPU, interrupts off.  Calibrates TSC and LAPIC timer in the same 1 ms window. */
void clock_init(void);
uint64_t clock_monotonic_ns(void);
uint64_t clock_realtime_ns(void);	/* CMOS clock at boot + monotonic */
/* By how much it went forward.  Thread context, calls not at the same time. */
int64_t clock_set_realtime(uint64_t ns);

/*
 * The scheduler counts in TSC cycles, which cost it no multiplication: amounts, and a point in
 * time.
 */
uint64_t clock_cycles_to_ns(uint64_t cycles);
uint64_t clock_ns_to_cycles(uint64_t ns);
uint64_t clock_ns_at(uint64_t tsc);

/*
 * Boot thread, once: from now on page tells user mode the time; once a second an interrupt brings
 * its seconds up to date.
 */
struct vdso_data;
void clock_share(struct vdso_data *page);

struct clock_params {
	uint64_t tsc_hz, apic_timer_hz;	/* timer counts per second at divide-by-1 */
};
extern struct clock_params clock_params;

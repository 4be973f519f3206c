/* SPDX-License-Identifier: MIT */
/*
 * Time is the TSC, scaled.  Nanoseconds = cycles * mult / 2^32 with a 128-bit product, so
 * that nothing overflows for centuries and the hot path has no division.
 */
#include "kernel/cpu/clock.h"

#include "kernel/cpu/calibrate.h"
#include "kernel/cpu/rtc.h"
#include "kernel/cpu/x86.h"

#define NS_PER_S 1000000000ull

struct clock_params clock_params;

static uint64_t tsc_at_boot;
static uint64_t ns_mult;		/* 2^32 * nanoseconds per cycle */
static uint64_t realtime_offset;	/* atomic: nanoseconds from 1970 to boot */

void clock_init(void)
{
	clock_calibrate(&clock_params);
	ns_mult = (NS_PER_S << 32) / clock_params.tsc_hz;
	tsc_at_boot = rdtsc();
	clock_set_realtime(rtc_read_seconds() * NS_PER_S);
}

/* CPUs are assumed to count in step, as they do since invariant TSCs, and in every hypervisor. */
uint64_t clock_monotonic_ns(void)
{
	return clock_ns_at(rdtsc());
}

uint64_t clock_cycles_to_ns(uint64_t cycles)
{
	return (uint64_t)((unsigned __int128)cycles * ns_mult >> 32);
}

/* Up to about a minute: the product stays in 64 bits. */
uint64_t clock_ns_to_cycles(uint64_t ns)
{
	return ns * (clock_params.tsc_hz / 1000) / 1000000;
}

uint64_t clock_ns_at(uint64_t tsc)
{
	return clock_cycles_to_ns(tsc - tsc_at_boot);
}

uint64_t clock_realtime_ns(void)
{
	return clock_monotonic_ns() + __atomic_load_n(&realtime_offset, __ATOMIC_RELAXED);
}

void clock_set_realtime(uint64_t ns)
{
	__atomic_store_n(&realtime_offset, ns - clock_monotonic_ns(), __ATOMIC_RELAXED);
}

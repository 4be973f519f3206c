/* SPDX-License-Identifier: MIT */
/*
 * Time is the TSC, scaled.  Nanoseconds = cycles * mult / 2^32 with a 128-bit product, so
 * that nothing overflows for centuries and the hot path has no division.
 */
#include "kernel/cpu/clock.h"

#include "entry/vdso/vdso.h"
#include "kernel/cpu/calibrate.h"
#include "kernel/cpu/rtc.h"
#include "kernel/cpu/x86.h"
#include "kernel/lib/lock.h"
#include "sched/retimer.h"

#define NS_PER_S 1000000000ull

struct clock_params clock_params;

static uint64_t tsc_at_boot;
static uint64_t ns_mult;		/* 2^32 * nanoseconds per cycle */
static uint64_t realtime_offset;	/* atomic: nanoseconds from 1970 to boot */
static struct vdso_data *shared;	/* NULL: not yet */
static struct retimer every_second;	/* brings the shared seconds up to date */
static struct spinlock realtime_lock = SPINLOCK("realtime", RANK_TIMER);

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

/* The protocol of struct vdso_data: nobody else writes, and readers see seq odd or changed. */
static void publish_realtime(struct vdso_data *page)
{
	uint32_t seq = page->seq;

	__atomic_store_n(&page->seq, seq + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	WRITE_ONCE(page->realtime_offset, realtime_offset);
	__atomic_store_n(&page->seq, seq + 2, __ATOMIC_RELEASE);
	WRITE_ONCE(page->realtime_seconds, clock_realtime_ns() / NS_PER_S);
}

/* Only the seconds: at worst they are late by an interrupt's latency. */
static void next_second(struct retimer *t)
{
	uint64_t flags = spin_lock_irqsave(&realtime_lock), now = clock_realtime_ns();

	WRITE_ONCE(shared->realtime_seconds, now / NS_PER_S);
	spin_unlock_irqrestore(&realtime_lock, flags);
	retimer_again(t, clock_monotonic_ns() + NS_PER_S - now % NS_PER_S);
}

/* The lock is not held: it would wait for next_second(), which takes it. */
static void restart_seconds(void)
{
	retimer_start(&every_second, clock_monotonic_ns());
}

int64_t clock_set_realtime(uint64_t ns)
{
	uint64_t flags = spin_lock_irqsave(&realtime_lock);
	uint64_t old = realtime_offset, new = ns - clock_monotonic_ns();

	__atomic_store_n(&realtime_offset, new, __ATOMIC_RELAXED);
	if (shared)
		publish_realtime(shared);
	spin_unlock_irqrestore(&realtime_lock, flags);
	if (shared)
		restart_seconds();	/* they begin at another moment now */
	return new - old;
}

void clock_share(struct vdso_data *page)
{
	uint64_t flags = spin_lock_irqsave(&realtime_lock);

	page->tsc_at_boot = tsc_at_boot;
	page->ns_mult = ns_mult;
	publish_realtime(page);
	shared = page;
	spin_unlock_irqrestore(&realtime_lock, flags);
	retimer_init(&every_second, next_second);
	restart_seconds();
}

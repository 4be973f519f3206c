/* SPDX-License-Identifier: MIT */
/*
 * The vDSO's C functions, for both images.
 *
 * They run in programs of every kind, on any stack that holds a call, with FS, GS and their bases
 * in any state: so they touch none of those, have no data but the kernel's page, never set errno
 * (errors are negative results), and what they cannot do themselves they ask the kernel
 * for (spec 7.5 item 7, R7.1-R7.3).  A bad pointer faults here as it would in the program.
 */
#include <stddef.h>
#include <asm/unistd.h>
#include <linux/time.h>
#include <linux/time_types.h>
#include "entry/vdso/vdso.h"

#define NS_PER_SEC 1000000000u

#define PUBLIC __attribute__((visibility("default")))
/* The name without prefix is weak: a program may have a function of its own by that name. */
#define ALIAS(name) PUBLIC __attribute__((weak, alias("__vdso_" #name)))

#ifdef __x86_64__
extern const struct vdso_data vdso_data __attribute__((visibility("hidden")));
typedef struct __kernel_timespec timespec;
typedef struct __kernel_old_timeval timeval;

static inline const struct vdso_data *data(void)
{
	return &vdso_data;
}

static inline long fallback(long nr, long a, void *b)
{
	long ret;

	__asm__ volatile("syscall" : "=a"(ret) : "0"(nr), "D"(a), "S"(b) : "rcx", "r11", "memory");
	return ret;
}

static inline uint64_t scale(uint64_t cycles, uint64_t mult)
{
	return (uint64_t)((unsigned __int128)cycles * mult >> 32);
}

static inline uint64_t split_seconds(uint64_t ns, uint32_t *rest)
{
	*rest = ns % NS_PER_SEC;
	return ns / NS_PER_SEC;
}
#else
const struct vdso_data *vdso_data_address(void) __attribute__((visibility("hidden"), const));
typedef struct old_timespec32 {
	int32_t tv_sec, tv_nsec;
} timespec;
typedef struct {
	int32_t tv_sec, tv_usec;
} timeval;

static inline const struct vdso_data *data(void)
{
	return vdso_data_address();
}

/* Not through __kernel_vsyscall: INT 0x80 has no demands on the stack. */
static inline long fallback(long nr, long a, void *b)
{
	long ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "0"(nr), "b"(a), "c"(b) : "memory");
	return ret;
}

static inline uint64_t scale(uint64_t cycles, uint64_t mult)
{
	uint64_t cl = (uint32_t)cycles, ch = cycles >> 32, ml = (uint32_t)mult, mh = mult >> 32;

	return (ch * mh << 32) + ch * ml + cl * mh + (cl * ml >> 32);
}

/* DIV takes 64 bits by 32 if the quotient has 32: so the upper half is divided first. */
static inline uint64_t split_seconds(uint64_t ns, uint32_t *rest)
{
	uint32_t high = ns >> 32, low = ns, q_high = high / NS_PER_SEC, q_low;

	__asm__("divl %4" : "=a"(q_low), "=d"(*rest)
		: "0"(low), "1"(high % NS_PER_SEC), "r"(NS_PER_SEC));
	return (uint64_t)q_high << 32 | q_low;
}
#endif

/*
 * LFENCE: the counter is read neither before what came earlier in the program nor after what comes
 * later, or time could run backwards between CPUs (SDM vol. 2, RDTSC).
 */
static inline uint64_t monotonic_ns(const struct vdso_data *d)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi)::"memory");
	return scale(((uint64_t)hi << 32 | lo) - d->tsc_at_boot, d->ns_mult);
}

static inline uint64_t realtime_ns(const struct vdso_data *d)
{
	uint64_t offset;
	uint32_t seq;

	do {
		while ((seq = __atomic_load_n(&d->seq, __ATOMIC_ACQUIRE)) & 1)
			__asm__ volatile("pause");
		offset = *(const volatile uint64_t *)&d->realtime_offset;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (__atomic_load_n(&d->seq, __ATOMIC_RELAXED) != seq);
	return offset + monotonic_ns(d);
}

/* False: a clock that only the kernel can read.  In line in both of its callers: they are short. */
static inline __attribute__((always_inline)) int read_clock(int id, uint64_t *seconds, uint32_t *ns)
{
	const struct vdso_data *d = data();

	switch (id) {
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*seconds = split_seconds(monotonic_ns(d), ns);
		return 1;
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		*seconds = split_seconds(realtime_ns(d), ns);
		return 1;
	default:
		return 0;
	}
}

PUBLIC int __vdso_clock_gettime(int id, timespec *to);
PUBLIC int __vdso_clock_gettime(int id, timespec *to)
{
	uint64_t seconds;
	uint32_t ns;

	if (!read_clock(id, &seconds, &ns))
		return fallback(__NR_clock_gettime, id, to);
	to->tv_sec = seconds;
	to->tv_nsec = ns;
	return 0;
}

/* The time zone is the C library's business; the kernel's is always UTC. */
PUBLIC int __vdso_gettimeofday(timeval *to, struct timezone *zone);
PUBLIC int __vdso_gettimeofday(timeval *to, struct timezone *zone)
{
	uint32_t ns;

	if (to) {
		to->tv_sec = split_seconds(realtime_ns(data()), &ns);
		to->tv_usec = ns / 1000;
	}
	if (zone)
		*zone = (struct timezone){ 0 };
	return 0;
}

PUBLIC long __vdso_time(long *to);
PUBLIC long __vdso_time(long *to)
{
	long now = *(const volatile uint64_t *)&data()->realtime_seconds;

	if (to)
		*to = now;
	return now;
}

/* The limit of segment 0x7b is node << 12 | cpu, and LSL reads it without any privilege. */
PUBLIC long __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused);
PUBLIC long __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused)
{
	unsigned limit;

	(void)unused;
	__asm__ volatile("lsl %1, %0" : "=r"(limit) : "r"(0x7b) : "cc");
	if (cpu)
		*cpu = limit & 0xfff;
	if (node)
		*node = limit >> 12;
	return 0;
}

#ifdef __x86_64__
ALIAS(clock_gettime) int clock_gettime(int id, timespec *to);
ALIAS(gettimeofday) int gettimeofday(timeval *to, struct timezone *zone);
ALIAS(time) long time(long *to);
ALIAS(getcpu) long getcpu(unsigned *cpu, unsigned *node, void *unused);
#else
PUBLIC int __vdso_clock_gettime64(int id, struct __kernel_timespec *to);
PUBLIC int __vdso_clock_gettime64(int id, struct __kernel_timespec *to)
{
	uint64_t seconds;
	uint32_t ns;

	if (!read_clock(id, &seconds, &ns))
		return fallback(__NR_clock_gettime64, id, to);
	to->tv_sec = seconds;
	to->tv_nsec = ns;
	return 0;
}
#endif

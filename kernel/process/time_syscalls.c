/* SPDX-License-Identifier: MIT */
/* Reading and setting the clocks. */
#include <asm/errno.h>
#include <linux/time.h>
#include "kernel/cpu/clock.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/clocks.h"
#include "kernel/process/compat.h"
#include "kernel/process/cpu_clock.h"
#include "kernel/process/deadline.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/syscall.h"
#include "kernel/process/timespec.h"

static int cpu_read(int id, uint64_t *ns)
{
	struct cpu_clock c;
	int err = cpu_clock_get(&c, id);

	if (err)
		return err;
	*ns = cpu_clock_read(&c);
	cpu_clock_put(&c);
	return 0;
}

int clock_read(int id, uint64_t *ns)
{
	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		*ns = clock_realtime_ns();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = clock_monotonic_ns();
		return 0;
	default:
		return is_cpu_clock(id) ? cpu_read(id, ns) : -EINVAL;
	}
}

int clock_check_wait(int id)
{
	uint64_t now;

	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
		return 0;
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_REALTIME_ALARM:
	case CLOCK_BOOTTIME_ALARM:
		return -EOPNOTSUPP;
	default:
		return is_file_clock(id) ? -EOPNOTSUPP : clock_read(id, &now);
	}
}

bool clock_is_realtime(int id)
{
	return id == CLOCK_REALTIME || id == CLOCK_TAI;
}

static long gettime(int id, void __user *to, enum timespec_layout layout)
{
	uint64_t ns;
	int err = clock_read(id, &ns);

	return err ? err : timespec_put(to, ns, layout);
}

SYSCALL2(clock_gettime, int, id, void __user *, to)
{
	return gettime(id, to, TIMESPEC_64);
}

COMPAT_SYSCALL2(clock_gettime, int, id, void __user *, to)
{
	return gettime(id, to, TIMESPEC_32);
}

/* One nanosecond, also for the coarse clocks: they are not coarse here. */
static long getres(int id, void __user *to, enum timespec_layout layout)
{
	uint64_t ns;
	int err = clock_read(id, &ns);

	return err || !to ? err : timespec_put(to, 1, layout);
}

SYSCALL2(clock_getres, int, id, void __user *, to)
{
	return getres(id, to, TIMESPEC_64);
}

COMPAT_SYSCALL2(clock_getres, int, id, void __user *, to)
{
	return getres(id, to, TIMESPEC_32);
}

#define SET_END_NS ((INT64_MAX / NS_PER_SEC - 30ull * 365 * 24 * 3600) * NS_PER_SEC)

static long settime(int id, const void __user *from, enum timespec_layout layout)
{
	uint64_t ns, used;
	int err;

	if (id > 0)
		return -EINVAL;
	err = timespec_get(&ns, from, layout);
	if (id < 0 && err != -EFAULT)
		return clock_read(id, &used) ?: -EPERM;
	if (err)
		return err;
	/* As Linux: 30 years before the end of its count, and the boot not before 1970. */
	if (ns >= SET_END_NS || ns < clock_monotonic_ns())
		return -EINVAL;
	clock_set(ns);
	return 0;
}

SYSCALL2(clock_settime, int, id, const void __user *, from)
{
	return settime(id, from, TIMESPEC_64);
}

COMPAT_SYSCALL2(clock_settime, int, id, const void __user *, from)
{
	return settime(id, from, TIMESPEC_32);
}

/* The time zone is the C library's business; the kernel's is always UTC. */
static long gettimeofday_common(void __user *tv, void __user *zone, bool compat)
{
	static const struct timezone utc;

	if (tv && timeval_put(tv, clock_realtime_ns(), compat))
		return -EFAULT;
	return zone ? copy_to_user(zone, &utc, sizeof(utc)) : 0;
}

SYSCALL2(gettimeofday, void __user *, tv, void __user *, zone)
{
	return gettimeofday_common(tv, zone, false);
}

COMPAT_SYSCALL2(gettimeofday, void __user *, tv, void __user *, zone)
{
	return gettimeofday_common(tv, zone, true);
}

SYSCALL1(time, void __user *, to)
{
	uint64_t sec = clock_realtime_ns() / NS_PER_SEC;

	return to && put_user_u64(to, sec) ? -EFAULT : (long)sec;
}

COMPAT_SYSCALL1(time, void __user *, to)
{
	uint64_t sec = clock_realtime_ns() / NS_PER_SEC;

	return to && put_user_u32(to, sec) ? -EFAULT : (long)sec;
}

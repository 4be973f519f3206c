/* SPDX-License-Identifier: MIT */
/* struct timespec and timeval of both tables. */
#include <asm/errno.h>
#include <linux/time_types.h>
#include "kernel/cpu/clock.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/compat.h"
#include "kernel/process/timespec.h"
#include "sched/thread.h"
#include "sched/timer.h"

int timespec_copy(struct __kernel_timespec *to, const void __user *from)
{
	if (copy_from_user(to, from, sizeof(*to)))
		return -EFAULT;
	if (current_thread()->syscall_compat)
		to->tv_nsec = (uint32_t)to->tv_nsec;
	return 0;
}

static int read_layout(int64_t *sec, int64_t *nsec, const void __user *from,
		       enum timespec_layout layout)
{
	struct __kernel_timespec wide;
	struct compat_timespec narrow;

	if (layout == TIMESPEC_32) {
		if (copy_from_user(&narrow, from, sizeof(narrow)))
			return -EFAULT;
		*sec = narrow.tv_sec;
		*nsec = narrow.tv_nsec;
		return 0;
	}
	if (timespec_copy(&wide, from))
		return -EFAULT;
	*sec = wide.tv_sec;
	*nsec = wide.tv_nsec;
	return 0;
}

int timespec_get(uint64_t *ns, const void __user *from, enum timespec_layout layout)
{
	int64_t sec, nsec;

	if (read_layout(&sec, &nsec, from, layout))
		return -EFAULT;
	if (sec < 0 || nsec < 0 || nsec >= (int64_t)NS_PER_SEC)
		return -EINVAL;
	if (__builtin_mul_overflow((uint64_t)sec, NS_PER_SEC, ns) ||
	    __builtin_add_overflow(*ns, (uint64_t)nsec, ns))
		*ns = TIMEOUT_NEVER;
	return 0;
}

int timespec_put(void __user *to, uint64_t ns, enum timespec_layout layout)
{
	if (layout == TIMESPEC_32) {
		struct compat_timespec c = { ns / NS_PER_SEC, ns % NS_PER_SEC };

		return copy_to_user(to, &c, sizeof(c));
	}
	struct __kernel_timespec t = { ns / NS_PER_SEC, ns % NS_PER_SEC };

	return copy_to_user(to, &t, sizeof(t));
}

int timeval_put(void __user *to, uint64_t ns, bool compat)
{
	uint64_t sec = ns / NS_PER_SEC, usec = ns % NS_PER_SEC / 1000;

	if (compat) {
		struct compat_timeval c = { sec, usec };

		return copy_to_user(to, &c, sizeof(c));
	}
	struct __kernel_old_timeval t = { sec, usec };

	return copy_to_user(to, &t, sizeof(t));
}

uint64_t deadline_after(uint64_t ns)
{
	uint64_t deadline;

	if (__builtin_add_overflow(clock_monotonic_ns(), ns, &deadline))
		return TIMEOUT_NEVER;
	return deadline;
}

/* SPDX-License-Identifier: MIT */
/* User time values as nanoseconds. */
#pragma once

#include "kernel/lib/compiler.h"

#define NS_PER_SEC 1000000000ull

struct __kernel_timespec;

enum timespec_layout { TIMESPEC_64, TIMESPEC_32 };

/*
 * TIMESPEC_64 as it is.  To 32-bit programs the upper half of tv_nsec is padding, so it does not
 * count.  0 or -EFAULT.
 */
int timespec_copy(struct __kernel_timespec *to, const void __user *from);

/* -EFAULT, -EINVAL (negative, or tv_nsec out of range).  Values beyond 64 bits saturate. */
int timespec_get(uint64_t *ns, const void __user *from, enum timespec_layout layout);
int timespec_put(void __user *to, uint64_t ns, enum timespec_layout layout);
int timeval_put(void __user *to, uint64_t ns, bool compat);

/* ns from now on the monotonic clock; TIMEOUT_NEVER stays what it is. */
uint64_t deadline_after(uint64_t ns);

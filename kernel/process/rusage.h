/* SPDX-License-Identifier: MIT */
/* struct rusage in its two layouts. */
#pragma once

#include "kernel/lib/compiler.h"

/* All of it is user time: entries and exits are not timed.  0 or -EFAULT. */
int rusage_to_user(void __user *to, uint64_t runtime_ns, bool compat);

/* SPDX-License-Identifier: MIT */
/* clock_nanosleep on CPU time. */
#pragma once

#include "kernel/process/timespec.h"

/* -EINVAL: there is no such clock, or it is the caller's own, which would never go on. */
long cpu_sleep(int id, bool absolute, uint64_t ns, void __user *rem, enum timespec_layout layout);

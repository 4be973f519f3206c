/* SPDX-License-Identifier: MIT */
/* How 32-bit programs enter the kernel: chosen once, by CPU vendor or boot option (R6.3). */
#pragma once

#include "kernel/lib/compiler.h"

enum vsyscall {
	VSYSCALL_SYSENTER,
	VSYSCALL_SYSCALL,
	VSYSCALL_INT80,
	VSYSCALL_FLAVOURS,
	VSYSCALL_NONE = VSYSCALL_FLAVOURS,	/* no vDSO for 32-bit programs at all */
};

/* What CPUs of that vendor have in compatibility mode (spec 6.1).  Pure. */
enum vsyscall vsyscall_of_vendor(const char *vendor_name);
/* What this boot uses.  After cpu_features_init. */
enum vsyscall vsyscall_chosen(void);

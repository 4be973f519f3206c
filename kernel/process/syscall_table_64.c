/* SPDX-License-Identifier: MIT */
/* The x86-64 system-call table: numbers from the UAPI header, handlers from each part's list. */
#include <asm/unistd_64.h>
#include "kernel/process/syscall.h"

/* First the handlers' prototypes ... */
#define SYS32(nr, handler)
#define SYS64(nr, handler) syscall_fn handler;
#include "kernel/fs/syscalls.list.h"
#include "kernel/mm/syscalls.list.h"
#include "kernel/process/syscalls.list.h"
#undef SYS64

/* ... then a name for each, so that none is listed twice ... */
enum {
#define SYS64(nr, handler) LISTED_##nr,
#include "kernel/fs/syscalls.list.h"
#include "kernel/mm/syscalls.list.h"
#include "kernel/process/syscalls.list.h"
};
#undef SYS64

/* ... then the table, where later lines replace what the first one says. */
#pragma GCC diagnostic ignored "-Woverride-init"
syscall_fn *const syscall_table_64[] = {
	[0 ... SYSCALL_TABLE_LAST] = sys_ni_syscall,
#define SYS64(nr, handler) [__NR_##nr] = handler,
#include "kernel/fs/syscalls.list.h"
#include "kernel/mm/syscalls.list.h"
#include "kernel/process/syscalls.list.h"
};

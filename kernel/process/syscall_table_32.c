/* SPDX-License-Identifier: MIT */
/* The i386 system-call table: numbers from the UAPI header, handlers from each part's list. */
#include <asm/unistd_32.h>
#include "kernel/process/syscall.h"

/* First the handlers' prototypes ... */
#define SYS64(nr, handler)
#define SYS32(nr, handler) syscall_fn handler;
#include "kernel/fs/syscalls.list.h"
#include "kernel/mm/syscalls.list.h"
#include "kernel/process/syscalls.list.h"
#undef SYS32

/* ... then a name for each, so that none is listed twice ... */
enum {
#define SYS32(nr, handler) LISTED_##nr,
#include "kernel/fs/syscalls.list.h"
#include "kernel/mm/syscalls.list.h"
#include "kernel/process/syscalls.list.h"
};
#undef SYS32

/* ... then the table, where later lines replace what the first one says. */
#pragma GCC diagnostic ignored "-Woverride-init"
syscall_fn *const syscall_table_32[] = {
	[0 ... SYSCALL_TABLE_LAST] = sys_ni_syscall,
#define SYS32(nr, handler) [__NR_##nr] = handler,
#include "kernel/fs/syscalls.list.h"
#include "kernel/mm/syscalls.list.h"
#include "kernel/process/syscalls.list.h"
};

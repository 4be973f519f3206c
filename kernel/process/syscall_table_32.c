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

/* ... then the table.  What no list names is NULL: -ENOSYS. */
syscall_fn *const syscall_table_32[] = {
#define SYS32(nr, handler) [__NR_##nr] = handler,
#include "kernel/fs/syscalls.list.h"
#include "kernel/mm/syscalls.list.h"
#include "kernel/process/syscalls.list.h"
};
const unsigned syscall_table_32_size = ARRAY_SIZE(syscall_table_32);

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

/* ... then the table.  What no list names is NULL: -ENOSYS. */
syscall_fn *const syscall_table_64[] = {
#define SYS64(nr, handler) [__NR_##nr] = handler,
#include "kernel/fs/syscalls.list.h"
#include "kernel/mm/syscalls.list.h"
#include "kernel/process/syscalls.list.h"
};
const unsigned syscall_table_64_size = ARRAY_SIZE(syscall_table_64);

/* SPDX-License-Identifier: MIT */
/* Rows and columns of door_table.c: doors, flags, stacks, calls. */
#pragma once

#include "user/lib/doors.h"
#include "user/lib/sys.h"

#define FLAG_IOPL (3ul << 12)

struct door {
	const char *name;
	void (*enter)(void);
	const char *at, *after, *end;	/* end: TF's last trap */
	bool fast, table32, open, any_stack;
};

#define BY_IRET(door) door, door##_at, door##_after, door##_stepped
#define BY_RET(door)  door, door##_at, door##_after, door##_after
static struct door doors[] = {
	{ "INT 0x80", BY_IRET(door_int80), false, true, true, true },
#ifdef __x86_64__
	{ "SYSCALL", BY_IRET(door_syscall), false, false, true, true },
#else
	{ "SYSENTER", BY_RET(door_sysenter), true, true, false, true },
	{ "SYSCALL", BY_RET(door_syscall), true, true, false, true },
	/* Its CALL needs a stack; on others it is that which fails. */
	{ "vDSO", BY_RET(door_vdso), false, true, false, false },
#endif
};

/* IOPL: POPF leaves it alone in ring 3, whatever the program wants. */
static const struct { const char *name; unsigned long bits; } flag_sets[] = {
	{ "no flags", 0 }, { "TF", FLAG_TF }, { "NT", FLAG_NT }, { "AC", FLAG_AC },
	{ "DF", FLAG_DF }, { "IOPL", FLAG_IOPL }, { "ID", FLAG_ID },
	{ "NT AC DF", FLAG_NT | FLAG_AC | FLAG_DF },
	{ "all", FLAG_TF | FLAG_NT | FLAG_AC | FLAG_DF | FLAG_IOPL | FLAG_CF | FLAG_OF },
};

/* words: how many the landing pad can pop. */
static struct stack { const char *name; unsigned long sp; unsigned words; } stacks[] = {
	{ "good stack", 0, 4 }, { "unmapped stack", 0, 0 }, { "half of a word mapped", 0, 0 },
	{ "one word mapped", 0, 1 },
#ifdef __x86_64__
	{ "kernel stack", 0xffffffff80000000, 0 }, { "non-canonical stack", 1ul << 47, 0 },
	{ "non-canonical stack", 1ul << 63, 0 }, { "stack at -1", -1ul, 0 },
#else
	{ "kernel's low half", 0xfffff000, 0 }, { "stack at -1", -1ul, 0 },
#endif
};

static struct __kernel_timespec no_time;
static unsigned long no_mask[2];
static char byte;
static int fds[2];

#define ANY_RESULT 1	/* of no call in the table: a pid is bigger */
enum { READ = 5 };
/* Numbers of both tables; the arguments fit both. */
static struct call {
	const char *name;
	unsigned long nr64, nr32, arg[6];
	long want;
} calls[] = {
	{ "six arguments", 270, 413,
	  { 0, 0, 0, 0, (unsigned long)&no_time, (unsigned long)no_mask }, 0 },
	{ "six arguments, the last bad", 270, 413, { 0, 0, 0, 0, (unsigned long)&no_time, 16 },
	  -EFAULT },
	{ "no such number", 9999, 9999, { 1, 2, 3, 4, 5, 6 }, -ENOSYS },
	{ "number -1", -1ul, -1ul, { 1, 2, 3, 4, 5, 6 }, -ENOSYS },
#ifdef __x86_64__
	{ "high half of RAX", 0xdeadbeef00000000 | 39, 0xffffffff00000000 | 20, { 0 }, ANY_RESULT },
#else
	{ "getpid", 39, 20, { 0 }, ANY_RESULT },
#endif
	[READ] = { "restarted call", 0, 3, { 0, (unsigned long)&byte, 1 }, 1 },
};

/* SPDX-License-Identifier: MIT */
/*
 * System calls.  A handler is written with its real types,
 *
 *	SYSCALL3(read, int, fd, char __user *, buf, size_t, count) { ... }
 *
 * and becomes sys_read with the one prototype that both tables hold: six 64-bit words.  64-bit
 * arguments arrive as they are, 32-bit ones zero-extended; a handler whose 32-bit form differs
 * (structure layout, a signed long) has a second one, COMPAT_SYSCALLn -> compat_sys_*. Each
 * returns a result or a negative errno.
 */
#pragma once

#include "kernel/cpu/percpu.h"

typedef long syscall_fn(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

struct pt_regs;
/*
 * From entry, which has made the call and left its result in regs->rax: do the exit work, choose
 * and count the way out (R6.18).  Interrupts on at entry, off on return.
 *
 * syscall_64_end: SYSRETQ or why not.  syscall_32_end: INT 0x80, always IRETQ.
 * syscall_fast_32_end: SYSENTER and the 32-bit SYSCALL, SYSRETL or why not.  syscall_fast_32_fault:
 * the same doors, no call was made, for the sixth argument cannot be read; -EFAULT, always IRETQ.
 */
enum exit_reason syscall_64_end(struct pt_regs *regs);
void syscall_32_end(struct pt_regs *regs);
enum exit_reason syscall_fast_32_end(struct pt_regs *regs);
void syscall_fast_32_fault(struct pt_regs *regs);

/*
 * No number has a NULL, so entry calls without looking: what is in no list is sys_ni_syscall, and
 * so is the last number, which entry takes for all that are larger.
 */
#define SYSCALL_TABLE_LAST 511
extern syscall_fn *const syscall_table_64[SYSCALL_TABLE_LAST + 1];
extern syscall_fn *const syscall_table_32[SYSCALL_TABLE_LAST + 1];
syscall_fn sys_ni_syscall;	/* -ENOSYS */

#define SYS_WORDS uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5, uint64_t a6
#define SYS_UNUSED (void)a1, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6

#define SYS_DEFINE(pre, name, params, args)                                                \
	static __always_inline long pre##do_##name params;                                 \
	long pre##sys_##name(SYS_WORDS);                                                   \
	long pre##sys_##name(SYS_WORDS)                                                    \
	{                                                                                  \
		SYS_UNUSED;                                                                \
		return pre##do_##name args;                                                \
	}                                                                                  \
	static __always_inline long pre##do_##name params

#define SYS0(pre, name) SYS_DEFINE(pre, name, (void), ())
#define SYS1(pre, name, t1, p1) SYS_DEFINE(pre, name, (t1 p1), ((t1)a1))
#define SYS2(pre, name, t1, p1, t2, p2) SYS_DEFINE(pre, name, (t1 p1, t2 p2), ((t1)a1, (t2)a2))
#define SYS3(pre, name, t1, p1, t2, p2, t3, p3)                                            \
	SYS_DEFINE(pre, name, (t1 p1, t2 p2, t3 p3), ((t1)a1, (t2)a2, (t3)a3))
#define SYS4(pre, name, t1, p1, t2, p2, t3, p3, t4, p4)                                    \
	SYS_DEFINE(pre, name, (t1 p1, t2 p2, t3 p3, t4 p4), ((t1)a1, (t2)a2, (t3)a3, (t4)a4))
#define SYS5(pre, name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5)                            \
	SYS_DEFINE(pre, name, (t1 p1, t2 p2, t3 p3, t4 p4, t5 p5),                         \
		   ((t1)a1, (t2)a2, (t3)a3, (t4)a4, (t5)a5))
#define SYS6(pre, name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6)                    \
	SYS_DEFINE(pre, name, (t1 p1, t2 p2, t3 p3, t4 p4, t5 p5, t6 p6),                  \
		   ((t1)a1, (t2)a2, (t3)a3, (t4)a4, (t5)a5, (t6)a6))

#define SYSCALL0(name)      SYS0(, name)
#define SYSCALL1(name, ...) SYS1(, name, __VA_ARGS__)
#define SYSCALL2(name, ...) SYS2(, name, __VA_ARGS__)
#define SYSCALL3(name, ...) SYS3(, name, __VA_ARGS__)
#define SYSCALL4(name, ...) SYS4(, name, __VA_ARGS__)
#define SYSCALL5(name, ...) SYS5(, name, __VA_ARGS__)
#define SYSCALL6(name, ...) SYS6(, name, __VA_ARGS__)
#define COMPAT_SYSCALL0(name)      SYS0(compat_, name)
#define COMPAT_SYSCALL1(name, ...) SYS1(compat_, name, __VA_ARGS__)
#define COMPAT_SYSCALL2(name, ...) SYS2(compat_, name, __VA_ARGS__)
#define COMPAT_SYSCALL3(name, ...) SYS3(compat_, name, __VA_ARGS__)
#define COMPAT_SYSCALL4(name, ...) SYS4(compat_, name, __VA_ARGS__)
#define COMPAT_SYSCALL5(name, ...) SYS5(compat_, name, __VA_ARGS__)
#define COMPAT_SYSCALL6(name, ...) SYS6(compat_, name, __VA_ARGS__)

/* SPDX-License-Identifier: MIT */
/*
 * System calls without a C library.  SYS(name, args...) returns the kernel's raw value: a
 * result, or a small negative errno.  64-bit programs use SYSCALL, 32-bit ones INT 0x80.
 *
 * The wrappers below exist only where the two bitnesses name the same thing differently.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>
#include <linux/auxvec.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/limits.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/stat.h>
#include <linux/time.h>
#include <linux/wait.h>
#include <asm/errno.h>
#include <asm/stat.h>
#include <asm/unistd.h>

typedef int pid_t;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PAGE 4096ul
#define IS_64BIT (sizeof(long) == 8)

/* user/lib/start64.asm, start32.asm.  raw_spawn: for calls that return twice, the second time
 * (result 0) on another stack: there it pops a function and its argument, calls it, and exits. */
long raw_syscall(long nr, long a, long b, long c, long d, long e, long f);
long raw_spawn(long nr, long a, long b, long c, long d, long e);

#define SYS_PICK(nr, a, b, c, d, e, f, ...)                                                        \
	raw_syscall((nr), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define SYS_NR(nr, ...) SYS_PICK(nr, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
#define SYS(name, ...)  SYS_NR(__NR_##name, ##__VA_ARGS__)

static inline bool is_error(long ret)
{
	return (unsigned long)ret > -4096ul;
}

/* The i386 calls that grew a second, wider form under another name. */
#ifdef __x86_64__
typedef struct stat file_stat;
#define sys_stat(path, st)      SYS(newfstatat, AT_FDCWD, path, st, 0)
#define sys_lstat(path, st)     SYS(newfstatat, AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW)
#define sys_fstat(fd, st)       SYS(fstat, fd, st)
#define sys_ftruncate(fd, size) SYS(ftruncate, fd, size)
#else
typedef struct stat64 file_stat;
#define sys_stat(path, st)      SYS(stat64, path, st)
#define sys_lstat(path, st)     SYS(lstat64, path, st)
#define sys_fstat(fd, st)       SYS(fstat64, fd, st)
#define sys_ftruncate(fd, size) SYS(ftruncate64, fd, size, 0)
#endif

/* offset: in bytes, a multiple of the page size.  An address or a negative errno. */
static inline long sys_mmap(void *at, size_t len, int prot, int flags, int fd, size_t offset)
{
#ifdef __x86_64__
	return SYS(mmap, at, len, prot, flags, fd, offset);
#else
	return SYS(mmap2, at, len, prot, flags, fd, offset / PAGE);
#endif
}

static inline long sys_open(const char *path, int flags, int mode)
{
	return SYS(open, path, flags, mode);
}

/* SYS does not nest in its own arguments; this one is wanted there. */
static inline pid_t self_pid(void)
{
	return (pid_t)SYS(getpid);
}

static inline pid_t sys_fork(void)
{
	return (pid_t)SYS(fork);
}

/*
 * Inline, because the child returns first and reuses the stack: a return address
 * of a called function would be overwritten before the parent comes back to it.
 */
static inline __attribute__((always_inline)) pid_t sys_vfork(void)
{
	long ret;

#ifdef __x86_64__
	__asm__ volatile("syscall" : "=a"(ret) : "0"(__NR_vfork) : "rcx", "r11", "memory");
#else
	__asm__ volatile("int $0x80" : "=a"(ret) : "0"(__NR_vfork) : "memory");
#endif
	return (pid_t)ret;
}

static inline __attribute__((noreturn)) void sys_exit(int status)
{
	for (;;)
		SYS(exit_group, status);
}

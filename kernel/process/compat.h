/* SPDX-License-Identifier: MIT */
/*
 * i386 layouts of structures that system calls share with user memory.  The UAPI headers
 * give them only to an i386 compiler; tests/host/compat_layout.c is built with -m32
 * against those headers and checks every size and offset here.
 */
#pragma once

#include <asm/sigcontext.h>
#include "kernel/lib/compiler.h"

typedef uint32_t compat_ptr;

struct compat_timespec { int32_t tv_sec, tv_nsec; };
struct compat_timeval { int32_t tv_sec, tv_usec; };
struct compat_iovec { compat_ptr base; uint32_t len; };

struct __packed compat_stat64 {
	uint64_t dev;
	uint8_t pad0[4];
	uint32_t ino32;
	uint32_t mode, nlink, uid, gid;
	uint64_t rdev;
	uint8_t pad3[4];
	int64_t size;
	uint32_t blksize;
	uint64_t blocks;
	uint32_t atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec;
	uint64_t ino;
};

struct compat_stat {
	uint32_t dev, ino;
	uint16_t mode, nlink, uid, gid;
	uint32_t rdev, size, blksize, blocks;
	uint32_t atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec;
	uint32_t pad[2];
};

struct compat_statfs {
	uint32_t type, bsize, blocks, bfree, bavail, files, ffree, fsid[2];
	uint32_t namelen, frsize, flags, spare[4];
};

struct compat_rusage {
	struct compat_timeval utime, stime;
	int32_t rest[14];
};

struct compat_siginfo {
	int32_t signo, errno_value, code;
	union {
		struct { int32_t pid; uint32_t uid; compat_ptr value; } queue;
		struct { int32_t pid; uint32_t uid; int32_t status, utime, stime; } child;
		compat_ptr addr;
		int32_t pad[29];
	};
};

struct compat_sigevent {
	compat_ptr value;
	int32_t signo, notify, tid;
	int32_t pad[12];
};

struct compat_sigaction {		/* rt_sigaction: the kernel's, not libc's */
	compat_ptr handler;
	uint32_t flags;
	compat_ptr restorer;
	uint32_t mask[2];
};

struct compat_old_sigaction {		/* sigaction */
	compat_ptr handler;
	uint32_t mask, flags;
	compat_ptr restorer;
};

struct compat_stack_t {
	compat_ptr sp;
	int32_t flags;
	uint32_t size;
};

#define COMPAT_MINSIGSTKSZ 2048

struct compat_ucontext {
	uint32_t flags;
	compat_ptr link;
	struct compat_stack_t stack;
	struct sigcontext_32 mcontext;
	uint32_t mask[2];
};

/* The old signal frame; the gap is an FSAVE and FXSAVE image of kernels before XSAVE. */
struct compat_sigframe {
	struct compat_sigframe_head {
		compat_ptr return_address;
		int32_t signo;
		struct sigcontext_32 sc;
	} head;
	uint8_t unused[624];
	struct compat_sigframe_tail {
		uint32_t mask_high;
		uint8_t retcode[8];
	} tail;
};

struct compat_rt_sigframe {
	compat_ptr return_address;
	int32_t signo;
	compat_ptr info_ptr, uc_ptr;
	struct compat_siginfo info;
	struct compat_ucontext uc;
	uint8_t retcode[8];
};

struct compat_rlimit { uint32_t cur, max; };
struct compat_tms { int32_t utime, stime, cutime, cstime; };

struct compat_sysinfo {
	int32_t uptime;
	uint32_t loads[3];
	uint32_t totalram, freeram, sharedram, bufferram, totalswap, freeswap;
	uint16_t procs, pad;
	uint32_t totalhigh, freehigh, mem_unit;
	char pad2[8];
};

struct compat_robust_list_head {
	compat_ptr next;
	int32_t futex_offset;
	compat_ptr list_op_pending;
};

static inline void __user *compat_user(compat_ptr p)
{
	return (void __user *)(uintptr_t)p;
}

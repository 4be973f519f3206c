/* SPDX-License-Identifier: MIT */
/*
 * i386 layouts of structures that system calls share with user memory.  The UAPI headers
 * give them only to an i386 compiler; tests/host/compat_layout.c is built with -m32
 * against those headers and checks every size and offset here.
 */
#pragma once

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

struct compat_rusage {
	struct compat_timeval utime, stime;
	int32_t rest[14];
};

static inline void __user *compat_user(compat_ptr p)
{
	return (void __user *)(uintptr_t)p;
}

/* SPDX-License-Identifier: MIT */
/*
 * Built with -m32, so that the UAPI headers give i386's own structures, and compared with
 * what kernel/process/compat.h says of them.  Everything is decided at compile time.
 */
#include <stddef.h>
#include <stdio.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/stat.h>
#include <linux/futex.h>
#include <linux/resource.h>
#include <linux/sysinfo.h>
#include <linux/time.h>
#include <linux/times.h>
#include <linux/uio.h>
#include <asm/sigcontext.h>
#include <asm/ucontext.h>
#include "kernel/process/compat.h"

#define SAME_SIZE(ours, theirs) _Static_assert(sizeof(ours) == sizeof(theirs), #ours)
#define SAME(ours, field, theirs, their_field)                                             \
	_Static_assert(offsetof(ours, field) == offsetof(theirs, their_field), #ours "." #field); \
	_Static_assert(sizeof(((ours *)0)->field) == sizeof(((theirs *)0)->their_field),   \
		       #ours "." #field " size")

SAME_SIZE(struct compat_timespec, struct timespec);
SAME(struct compat_timespec, tv_sec, struct timespec, tv_sec);
SAME(struct compat_timespec, tv_nsec, struct timespec, tv_nsec);
SAME_SIZE(struct compat_timeval, struct timeval);
SAME(struct compat_timeval, tv_sec, struct timeval, tv_sec);
SAME(struct compat_timeval, tv_usec, struct timeval, tv_usec);
SAME_SIZE(struct compat_iovec, struct iovec);
SAME(struct compat_iovec, base, struct iovec, iov_base);
SAME(struct compat_iovec, len, struct iovec, iov_len);

SAME_SIZE(struct compat_stat64, struct stat64);
SAME(struct compat_stat64, dev, struct stat64, st_dev);
SAME(struct compat_stat64, ino32, struct stat64, __st_ino);
SAME(struct compat_stat64, mode, struct stat64, st_mode);
SAME(struct compat_stat64, nlink, struct stat64, st_nlink);
SAME(struct compat_stat64, uid, struct stat64, st_uid);
SAME(struct compat_stat64, gid, struct stat64, st_gid);
SAME(struct compat_stat64, rdev, struct stat64, st_rdev);
SAME(struct compat_stat64, size, struct stat64, st_size);
SAME(struct compat_stat64, blksize, struct stat64, st_blksize);
SAME(struct compat_stat64, blocks, struct stat64, st_blocks);
SAME(struct compat_stat64, atime, struct stat64, st_atime);
SAME(struct compat_stat64, atime_nsec, struct stat64, st_atime_nsec);
SAME(struct compat_stat64, mtime, struct stat64, st_mtime);
SAME(struct compat_stat64, mtime_nsec, struct stat64, st_mtime_nsec);
SAME(struct compat_stat64, ctime, struct stat64, st_ctime);
SAME(struct compat_stat64, ctime_nsec, struct stat64, st_ctime_nsec);
SAME(struct compat_stat64, ino, struct stat64, st_ino);

SAME_SIZE(struct compat_rusage, struct rusage);
SAME(struct compat_rusage, utime, struct rusage, ru_utime);
SAME(struct compat_rusage, stime, struct rusage, ru_stime);
_Static_assert(offsetof(struct compat_rusage, rest) == offsetof(struct rusage, ru_maxrss), "rest");

SAME_SIZE(struct compat_siginfo, siginfo_t);
SAME(struct compat_siginfo, signo, siginfo_t, si_signo);
SAME(struct compat_siginfo, errno_value, siginfo_t, si_errno);
SAME(struct compat_siginfo, code, siginfo_t, si_code);
SAME(struct compat_siginfo, queue.pid, siginfo_t, si_pid);
SAME(struct compat_siginfo, queue.uid, siginfo_t, si_uid);
SAME(struct compat_siginfo, queue.value, siginfo_t, si_ptr);
SAME(struct compat_siginfo, child.pid, siginfo_t, si_pid);
SAME(struct compat_siginfo, child.status, siginfo_t, si_status);
SAME(struct compat_siginfo, child.utime, siginfo_t, si_utime);
SAME(struct compat_siginfo, child.stime, siginfo_t, si_stime);
SAME(struct compat_siginfo, addr, siginfo_t, si_addr);

SAME_SIZE(struct compat_sigevent, sigevent_t);
SAME(struct compat_sigevent, value, sigevent_t, sigev_value);
SAME(struct compat_sigevent, signo, sigevent_t, sigev_signo);
SAME(struct compat_sigevent, notify, sigevent_t, sigev_notify);
SAME(struct compat_sigevent, tid, sigevent_t, _sigev_un._tid);

/* The headers have i386's struct sigaction only in its old form; rt_sigaction's is not in them. */
SAME_SIZE(struct compat_old_sigaction, struct sigaction);
SAME(struct compat_old_sigaction, handler, struct sigaction, sa_handler);
SAME(struct compat_old_sigaction, mask, struct sigaction, sa_mask);
SAME(struct compat_old_sigaction, flags, struct sigaction, sa_flags);
SAME(struct compat_old_sigaction, restorer, struct sigaction, sa_restorer);
SAME_SIZE(struct compat_stack_t, stack_t);
SAME(struct compat_stack_t, flags, stack_t, ss_flags);
SAME(struct compat_stack_t, size, stack_t, ss_size);
/* The kernel's mask is 64 bits wide and follows where the header has the first 32. */
SAME(struct compat_ucontext, flags, struct ucontext, uc_flags);
SAME(struct compat_ucontext, stack, struct ucontext, uc_stack);
SAME(struct compat_ucontext, mcontext, struct ucontext, uc_mcontext);
_Static_assert(offsetof(struct compat_ucontext, mask) == offsetof(struct ucontext, uc_sigmask),
	       "mask");
_Static_assert(sizeof(struct compat_ucontext) == sizeof(struct ucontext) + 4, "64 bits of mask");
/* Offsets that programs and debuggers know from the stack. */
_Static_assert(offsetof(struct compat_sigframe, head.sc) == 8, "sigcontext is the second argument");
_Static_assert(sizeof(struct compat_sigframe) == 8 + 88 + 624 + 12, "old frame");
_Static_assert(offsetof(struct compat_rt_sigframe, uc) == 16 + 128, "behind siginfo");

SAME_SIZE(struct compat_rlimit, struct rlimit);
SAME_SIZE(struct compat_tms, struct tms);
SAME_SIZE(struct compat_sysinfo, struct sysinfo);
SAME(struct compat_sysinfo, loads, struct sysinfo, loads);
SAME(struct compat_sysinfo, totalram, struct sysinfo, totalram);
SAME(struct compat_sysinfo, procs, struct sysinfo, procs);
SAME(struct compat_sysinfo, totalhigh, struct sysinfo, totalhigh);
SAME(struct compat_sysinfo, mem_unit, struct sysinfo, mem_unit);
SAME_SIZE(struct compat_robust_list_head, struct robust_list_head);
SAME(struct compat_robust_list_head, futex_offset, struct robust_list_head, futex_offset);
SAME(struct compat_robust_list_head, list_op_pending, struct robust_list_head, list_op_pending);

int main(void)
{
	puts("KTAP version 1\n1..1\nok 1 compat_layout");
	return 0;
}

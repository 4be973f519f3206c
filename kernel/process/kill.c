/* SPDX-License-Identifier: MIT */
/* kill and its relatives: sending by number. */
#include <asm/errno.h>
#include <asm/siginfo.h>
#include <limits.h>
#include "kernel/process/signal_internal.h"
#include "kernel/process/syscall.h"

static long check(int signo)
{
	return signo >= 0 && signo <= SIGNALS ? 0 : -EINVAL;
}

/*
 * As on Linux, that there is nobody counts before the signal's number.  So in place of a wrong one
 * 0 is sent; if there is somebody, check() follows.
 */
static int known_or_0(int signo)
{
	return check(signo) ? 0 : signo;
}

/* Signal 0 only asks whether there is somebody. */
static long send_to_process(int pid, const struct signal_info *info)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	struct process *p = process_of(pid);
	long err = p ? 0 : -ESRCH;

	if (p && info->signo)
		err = signal_send_process(p, info);
	spin_unlock_irqrestore(&process_lock, flags);
	return err;
}

/* tgid 0: any. */
static long send_to_thread(int tgid, int tid, const struct signal_info *info)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	struct thread *t = thread_find(tid);
	long err = t && (!tgid || t->process->pid == tgid) ? 0 : -ESRCH;

	if (!err && info->signo)
		err = signal_send_thread(t, info);
	spin_unlock_irqrestore(&process_lock, flags);
	return err;
}

struct broadcast {
	const struct signal_info *info;
	bool found;
};

/* Everybody but pid 1 and the caller. */
static bool send_if_other(struct process *p, void *arg)
{
	struct broadcast *b = arg;

	if (p == init_process || p == current_process())
		return true;
	b->found = true;
	if (b->info->signo)
		(void)signal_send_process(p, b->info);
	return true;
}

static long send_to_all_others(const struct signal_info *info)
{
	struct broadcast b = { .info = info };

	process_for_each(send_if_other, &b);
	return b.found ? 0 : -ESRCH;
}

static long send_by_number(int pid, const struct signal_info *info)
{
	if (pid > 0)
		return send_to_process(pid, info);
	if (pid == INT_MIN)
		return -ESRCH;
	if (pid != -1)
		return signal_send_group(pid ? -pid : current_process()->pgid, info);
	return send_to_all_others(info);
}

SYSCALL2(kill, int, pid, int, signo)
{
	struct signal_info info = { .signo = known_or_0(signo), .code = SI_USER,
				    .pid = current_process()->pid };

	return send_by_number(pid, &info) ?: check(signo);
}

static long thread_kill(int tgid, int tid, int signo)
{
	struct signal_info info = { .signo = known_or_0(signo), .code = SI_TKILL,
				    .pid = current_process()->pid };

	return send_to_thread(tgid, tid, &info) ?: check(signo);
}

SYSCALL3(tgkill, int, tgid, int, tid, int, signo)
{
	return tgid > 0 && tid > 0 ? thread_kill(tgid, tid, signo) : -EINVAL;
}

SYSCALL2(tkill, int, tid, int, signo)
{
	return tid > 0 ? thread_kill(0, tid, signo) : -EINVAL;
}

/* Only the kernel sends codes >= 0, and only oneself may pretend that kill or tkill did it. */
static long read_info(struct signal_info *info, int target, int signo, const void __user *from,
		      bool compat)
{
	if (siginfo_from_user(info, known_or_0(signo), from, compat))
		return -EFAULT;
	if ((info->code >= 0 || info->code == SI_TKILL) && target != current_process()->pid)
		return -EPERM;
	return 0;
}

static long sigqueue_process(int pid, int signo, const void __user *from, bool compat)
{
	struct signal_info info;
	long err = read_info(&info, pid, signo, from, compat);

	return err ?: send_to_process(pid, &info) ?: check(signo);
}

static long sigqueue_thread(int tgid, int tid, int signo, const void __user *from, bool compat)
{
	struct signal_info info;
	long err;

	if (tgid <= 0 || tid <= 0)
		return -EINVAL;
	err = read_info(&info, tgid, signo, from, compat);
	return err ?: send_to_thread(tgid, tid, &info) ?: check(signo);
}

SYSCALL3(rt_sigqueueinfo, int, pid, int, signo, const void __user *, info)
{
	return sigqueue_process(pid, signo, info, false);
}

COMPAT_SYSCALL3(rt_sigqueueinfo, int, pid, int, signo, const void __user *, info)
{
	return sigqueue_process(pid, signo, info, true);
}

SYSCALL4(rt_tgsigqueueinfo, int, tgid, int, tid, int, signo, const void __user *, info)
{
	return sigqueue_thread(tgid, tid, signo, info, false);
}

COMPAT_SYSCALL4(rt_tgsigqueueinfo, int, tgid, int, tid, int, signo, const void __user *, info)
{
	return sigqueue_thread(tgid, tid, signo, info, true);
}

/* SPDX-License-Identifier: MIT */
/* rt_sigtimedwait: taking a blocked signal without delivering it. */
#include <asm/errno.h>
#include "kernel/cpu/clock.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/syscall.h"
#include "kernel/process/timespec.h"
#include "sched/sched.h"
#include "sched/timer.h"

/*
 * A sender wakes signal_wait after it has made the signal pending.  Timers whose signals were
 * discarded are no reason to come back.
 */
static long wait_for_signal(sigmask_t set, uint64_t deadline, struct signal_info *info)
{
	struct process *p = current_process();
	struct waitq *wq = &p->signal_wait;
	struct waiter w = { 0 };
	bool interrupted;
	long result;

	for (;;) {
		bool late = clock_monotonic_ns() >= deadline;

		wait_prepare(wq, &w, THREAD_SLEEPING);
		do {
			posix_timers_go_on(p);
			result = signal_take(set, info, NULL);
			interrupted = signal_pending();
		} while (!result && READ_ONCE(p->discarded.set));
		if (!result && interrupted)
			result = -EINTR;
		if (!result && late)
			result = -EAGAIN;
		if (result)
			break;
		schedule_until(deadline);
	}
	wait_finish(wq, &w);
	return result;
}

static long sigtimedwait_common(const void __user *set, void __user *info, uint64_t timeout,
				size_t size, bool compat)
{
	struct signal_info taken;
	sigmask_t mask;
	long signo;

	if (size != sizeof(mask))
		return -EINVAL;
	if (get_user_u64(&mask, set))
		return -EFAULT;
	signo = wait_for_signal(mask & ~SIGNALS_ABSOLUTE, deadline_after(timeout), &taken);
	if (signo > 0 && info && siginfo_to_user(info, &taken, compat))
		return -EFAULT;
	return signo;
}

SYSCALL4(rt_sigtimedwait, const void __user *, set, void __user *, info,
	 const void __user *, timeout, size_t, size)
{
	uint64_t ns = TIMEOUT_NEVER;
	long err = timeout ? timespec_get(&ns, timeout, TIMESPEC_64) : 0;

	return err ? err : sigtimedwait_common(set, info, ns, size, false);
}

COMPAT_SYSCALL4(rt_sigtimedwait, const void __user *, set, void __user *, info,
		const void __user *, timeout, size_t, size)
{
	uint64_t ns = TIMEOUT_NEVER;
	long err = timeout ? timespec_get(&ns, timeout, TIMESPEC_32) : 0;

	return err ? err : sigtimedwait_common(set, info, ns, size, true);
}

COMPAT_SYSCALL4(rt_sigtimedwait_time64, const void __user *, set, void __user *, info,
		const void __user *, timeout, size_t, size)
{
	uint64_t ns = TIMEOUT_NEVER;
	long err = timeout ? timespec_get(&ns, timeout, TIMESPEC_64) : 0;

	return err ? err : sigtimedwait_common(set, info, ns, size, true);
}

/* SPDX-License-Identifier: MIT */
/*
 * nanosleep and clock_nanosleep.  A relative sleep that a signal interrupts goes on through
 * restart_syscall with the same deadline, so stopping and continuing a program does not
 * lengthen it (R6.20).
 */
#include <asm/errno.h>
#include <linux/time.h>
#include "kernel/cpu/clock.h"
#include "kernel/process/clocks.h"
#include "kernel/process/cpu_clock.h"
#include "kernel/process/cpu_sleep.h"
#include "kernel/process/deadline.h"
#include "kernel/process/syscall.h"
#include "kernel/process/timespec.h"
#include "sched/sched.h"
#include "sched/timer.h"

/* True when the time has come; false: a signal was first. */
static bool sleep_until(struct deadline d)
{
	struct waitq own = WAITQ(own), *wq = d.realtime ? &clock_was_set : &own;
	struct waiter w = { 0 };
	bool over = false;

	for (;;) {
		uint64_t deadline;

		wait_prepare(wq, &w, THREAD_SLEEPING);
		deadline = deadline_monotonic(d);
		if (signal_pending() || (over = clock_monotonic_ns() >= deadline))
			break;
		schedule_until(deadline);
	}
	wait_finish(wq, &w);
	return over;
}

/* arg[0]: layout of the remaining time, which goes to user_rem (0: nowhere). */
static long sleep_or_block(struct restart_block *r)
{
	void __user *rem = (void __user *)r->user_rem;
	uint64_t now;

	if (sleep_until((struct deadline){ r->deadline, false }))
		return 0;
	now = clock_monotonic_ns();
	if (rem && timespec_put(rem, r->deadline > now ? r->deadline - now : 0, r->arg[0]))
		return -EFAULT;
	return -ERESTART_RESTARTBLOCK;
}

static long sleep_relative(uint64_t ns, void __user *rem, enum timespec_layout layout)
{
	struct thread *t = current_thread();

	t->restart = (struct restart_block){ .fn = sleep_or_block,
					     .deadline = deadline_after(ns),
					     .user_rem = (uintptr_t)rem,
					     .arg = { layout },
					     .compat = t->syscall_compat };
	return sleep_or_block(&t->restart);
}

static long nanosleep_common(const void __user *from, void __user *rem,
			     enum timespec_layout layout)
{
	uint64_t ns;
	int err = timespec_get(&ns, from, layout);

	return err ? err : sleep_relative(ns, rem, layout);
}

SYSCALL2(nanosleep, const void __user *, from, void __user *, rem)
{
	return nanosleep_common(from, rem, TIMESPEC_64);
}

COMPAT_SYSCALL2(nanosleep, const void __user *, from, void __user *, rem)
{
	return nanosleep_common(from, rem, TIMESPEC_32);
}

static long clock_nanosleep_common(int id, int flags, const void __user *from, void __user *rem,
				   enum timespec_layout layout)
{
	int err = clock_check_wait(id);
	uint64_t ns;

	if (id == CLOCK_THREAD_CPUTIME_ID)
		err = -EOPNOTSUPP;
	err = err ?: timespec_get(&ns, from, layout);
	if (err)
		return err;
	if (is_cpu_clock(id))
		return cpu_sleep(id, flags & TIMER_ABSTIME, ns, rem, layout);
	if (!(flags & TIMER_ABSTIME))
		return sleep_relative(ns, rem, layout);
	return sleep_until((struct deadline){ ns, clock_is_realtime(id) }) ? 0 : -ERESTARTNOHAND;
}

SYSCALL4(clock_nanosleep, int, id, int, flags, const void __user *, from, void __user *, rem)
{
	return clock_nanosleep_common(id, flags, from, rem, TIMESPEC_64);
}

COMPAT_SYSCALL4(clock_nanosleep, int, id, int, flags, const void __user *, from,
		void __user *, rem)
{
	return clock_nanosleep_common(id, flags, from, rem, TIMESPEC_32);
}

SYSCALL0(restart_syscall)
{
	struct restart_block *r = &current_thread()->restart;

	if (!r->armed)
		return -EINTR;
	r->armed = false;
	return r->fn(r);
}

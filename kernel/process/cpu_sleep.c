/* SPDX-License-Identifier: MIT */
/* clock_nanosleep on CPU time: until others have used so much of it. */
#include <asm/errno.h>
#include "kernel/cpu/clock.h"
#include "kernel/process/cpu_clock.h"
#include "kernel/process/cpu_sleep.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/signal.h"
#include "kernel/process/syscall.h"
#include "sched/sched.h"
#include "sched/timer.h"

/* When to look again; 0: so much has been used.  A thread that has ended uses no more. */
static uint64_t look(struct cpu_clock *c, uint64_t until)
{
	uint64_t flags = spin_lock_irqsave(&process_lock), used, next = TIMEOUT_NEVER;

	if (cpu_clock_used(c, &used))
		next = used >= until ? 0 : cpu_clock_look(c, used, until - used);
	spin_unlock_irqrestore(&process_lock, flags);
	return next;
}

/* True when the time has come; false: a signal was first. */
static bool sleep_until(struct cpu_clock *c, uint64_t until)
{
	struct waitq wq = WAITQ(wq);
	struct waiter w = { 0 };
	uint64_t next;

	for (;;) {
		wait_prepare(&wq, &w, THREAD_SLEEPING);
		next = look(c, until);
		if (!next || signal_pending())
			break;
		schedule_until(next);
	}
	wait_finish(&wq, &w);
	return !next;
}

/* arg[0]: layout of the remaining time, which goes to user_rem (0: nowhere); arg[1]: the clock. */
static long sleep_or_block(struct restart_block *r)
{
	void __user *rem = (void __user *)r->user_rem;
	uint64_t used, until = r->deadline;
	struct cpu_clock c;
	bool over;

	if (cpu_clock_get(&c, (int)r->arg[1]))
		return -EINVAL;
	over = sleep_until(&c, until);
	used = cpu_clock_read(&c);
	cpu_clock_put(&c);
	if (over)
		return 0;
	if (rem && timespec_put(rem, until > used ? until - used : 0, r->arg[0]))
		return -EFAULT;
	return -ERESTART_RESTARTBLOCK;
}

long cpu_sleep(int id, bool absolute, uint64_t ns, void __user *rem, enum timespec_layout layout)
{
	struct thread *me = current_thread();
	struct cpu_clock c;
	uint64_t used;
	long result;

	if (cpu_clock_get(&c, id))
		return -EINVAL;
	used = cpu_clock_read(&c);
	cpu_clock_put(&c);
	if (c.tid == me->tid)
		return -EINVAL;
	if (!absolute && __builtin_add_overflow(ns, used, &ns))
		ns = TIMEOUT_NEVER;
	me->restart = (struct restart_block){ .fn = sleep_or_block,
					      .deadline = ns,
					      .user_rem = absolute ? 0 : (uintptr_t)rem,
					      .arg = { layout, (uint32_t)id },
					      .compat = me->syscall_compat };
	result = sleep_or_block(&me->restart);
	return absolute && result == -ERESTART_RESTARTBLOCK ? -ERESTARTNOHAND : result;
}

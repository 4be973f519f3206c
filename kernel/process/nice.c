/* SPDX-License-Identifier: MIT */
/* Nice values; what they do is in sched/policy.c. */
#include <asm/errno.h>
#include <linux/resource.h>
#include "kernel/process/pid.h"
#include "kernel/process/process.h"
#include "kernel/process/syscall.h"
#include "sched/sched.h"

static int clamp(int value, int low, int high)
{
	return value < low ? low : value > high ? high : value;
}

static int clamp_nice(int nice)
{
	return clamp(nice, -20, 19);
}

/* Nobody else changes it between the look and the store: they need process_lock as well. */
SYSCALL1(nice, int, increment)
{
	struct thread *t = current_thread();
	uint64_t flags = spin_lock_irqsave(&process_lock);

	sched_set_nice(t, clamp_nice(t->nice + clamp(increment, -40, 40)));
	spin_unlock_irqrestore(&process_lock, flags);
	return 0;
}

struct priority_query {
	int which, who;
	bool set;
	int nice;	/* in, or out: the best one found */
	bool found;
};

static void visit_thread(struct priority_query *q, struct thread *t)
{
	if (q->set)
		sched_set_nice(t, q->nice);
	else if (!q->found || t->nice < q->nice)
		q->nice = t->nice;
	q->found = true;
}

/* Groups and users mean all threads of their processes. */
static bool visit_process(struct process *p, void *arg)
{
	struct priority_query *q = arg;
	struct thread *t;

	if (q->which == PRIO_PGRP && p->pgid != (q->who ? q->who : current_process()->pgid))
		return true;
	LIST_FOREACH(t, &p->threads, sibling)
		visit_thread(q, t);
	return true;
}

/* PRIO_PROCESS means one thread, as on Linux: a nice value belongs to a thread, not a process. */
static void visit_one(struct priority_query *q)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	struct thread *t = q->who ? thread_find(q->who) : current_thread();

	if (t)
		visit_thread(q, t);
	spin_unlock_irqrestore(&process_lock, flags);
}

static long run_query(struct priority_query *q)
{
	if (q->which < PRIO_PROCESS || q->which > PRIO_USER)
		return -EINVAL;
	if (q->which == PRIO_USER && q->who != 0)
		return -ESRCH;	/* root is the only user */
	if (q->which == PRIO_PROCESS)
		visit_one(q);
	else
		process_for_each(visit_process, q);
	return q->found ? 0 : -ESRCH;
}

/* The result is shifted to 1..40 so that it is no error code, as on Linux. */
SYSCALL2(getpriority, int, which, int, who)
{
	struct priority_query q = { .which = which, .who = who };
	long err = run_query(&q);

	return err ? err : 20 - q.nice;
}

SYSCALL3(setpriority, int, which, int, who, int, nice)
{
	struct priority_query q = { .which = which, .who = who, .set = true,
				    .nice = clamp_nice(nice) };

	return run_query(&q);
}

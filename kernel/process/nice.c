/* SPDX-License-Identifier: MIT */
/* Nice values; what they do is in sched/policy.c. */
#include <asm/errno.h>
#include <linux/resource.h>
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

SYSCALL1(nice, int, increment)
{
	struct thread *t = current_thread();

	sched_set_nice(t, clamp_nice(t->nice + clamp(increment, -40, 40)));
	return 0;
}

struct priority_query {
	int which, who;
	bool set;
	int nice;	/* in, or out: the best one found */
	bool found;
};

static bool is_meant(const struct priority_query *q, const struct process *p)
{
	switch (q->which) {
	case PRIO_PROCESS:
		return p->pid == (q->who ? q->who : current_process()->pid);
	case PRIO_PGRP:
		return p->pgid == (q->who ? q->who : current_process()->pgid);
	default:
		return true;
	}
}

static bool visit(struct process *p, void *arg)
{
	struct priority_query *q = arg;
	struct thread *t;

	if (!is_meant(q, p))
		return true;
	LIST_FOREACH(t, &p->threads, sibling) {
		if (q->set)
			sched_set_nice(t, q->nice);
		else if (!q->found || t->nice < q->nice)
			q->nice = t->nice;
		q->found = true;
	}
	return true;
}

static long run_query(struct priority_query *q)
{
	if (q->which < PRIO_PROCESS || q->which > PRIO_USER)
		return -EINVAL;
	if (q->which == PRIO_USER && q->who != 0)
		return -ESRCH;	/* root is the only user */
	process_for_each(visit, q);
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

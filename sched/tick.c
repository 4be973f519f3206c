/* SPDX-License-Identifier: MIT */
/*
 * Time slices.  At the end of one, a thread gives way to its equals (SCHED_FIFO does not), and the
 * CPU gives a thread that waits to another CPU if it is better off there.
 *
 * A timer runs only while somebody waits in the queue.  It is armed for the end of
 * the slice of whoever runs when it is armed and stays so if a switch comes first: when it fires,
 * it looks at whose turn it is and is armed anew.  So a switch as a rule does not touch the
 * device.
 */
#include "kernel/cpu/clock.h"
#include "kernel/cpu/x86.h"
#include "sched/runqueue.h"
#include "sched/timer.h"

void sched_arm_tick(struct runqueue *rq, uint64_t tsc)
{
	rq->tick_at = tsc;
	timer_set_slice(clock_ns_at(tsc));
}

static void disarm(struct runqueue *rq)
{
	rq->tick_at = FOREVER;
	timer_set_slice(TIMEOUT_NEVER);
}

/* Timer interrupt, from sched/timer.c, when the time has come. */
void sched_tick(void)
{
	struct runqueue *rq = this_cpu(rq);
	struct thread *t = rq->current;
	uint64_t now = rdtsc();

	if (READ_ONCE(rq->queued) < 2 || t == rq->idle || t->slice == FOREVER) {
		disarm(rq);
		return;
	}
	if (now >= t->slice_end) {
		if (t->policy != SCHED_FIFO) {
			t->to_tail = true;
			__atomic_or_fetch(&t->work, WORK_RESCHED, __ATOMIC_RELAXED);
		}
		t->slice_end = now + t->slice;
		runqueue_push(rq);
	}
	sched_arm_tick(rq, t->slice_end);
}

/* Another CPU, or an interrupt on this one, queued something here: it is to get its turn. */
void sched_reschedule_interrupt(void)
{
	struct runqueue *rq = this_cpu(rq);
	struct thread *t = rq->current;

	if (READ_ONCE(rq->queued) > 1 && t != rq->idle && t->slice_end < rq->tick_at)
		sched_arm_tick(rq, t->slice_end);
}

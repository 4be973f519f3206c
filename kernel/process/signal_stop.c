/* SPDX-License-Identifier: MIT */
/*
 * Job control: stopping and continuing a whole process.
 *
 * The thread that takes a stop signal sets stop_signal and WORK_SIGNAL of every thread.  Each
 * parks on its way to user mode (signal_park); the last one makes the process "stopped" and
 * tells the parent.  SIGCONT clears stop_signal when it is *sent*, whoever blocks it, and
 * wakes them.
 */
#include <asm/siginfo.h>
#include "kernel/process/process_tree.h"
#include "kernel/process/signal_internal.h"
#include "sched/sched.h"

void signal_notify_job(struct process *p, int code, int status)
{
	struct process *parent = p->parent;
	struct signal_info info = { .signo = SIGCHLD, .code = code, .pid = p->pid,
				    .status = status };

	if (!parent)
		return;
	if (!(signal_action(parent, SIGCHLD)->flags & SA_NOCLDSTOP))
		signal_send_process(parent, &info);
	wake_up_all(&parent->child_wait);
}

bool signal_continue_locked(struct process *p)
{
	bool was_stopped = p->stopped;
	struct thread *t;

	p->continues++;
	if (!p->stop_signal)
		return false;
	p->stop_signal = 0;
	p->stopped = p->stop_event = false;
	p->cont_event = was_stopped;
	LIST_FOREACH(t, &p->threads, sibling)
		thread_wake(t, THREAD_STOPPED);
	return was_stopped;
}

/* process_lock held, here and in signal_stop_check. */
static bool stop_complete(struct process *p)
{
	if (!p->stop_signal || p->stopped || p->parked < p->nthreads || p->group_exit)
		return false;
	p->stopped = p->stop_event = true;
	p->cont_event = false;
	return true;
}

void signal_stop_check(struct process *p)
{
	if (p->nthreads && stop_complete(p))
		signal_notify_job(p, CLD_STOPPED, p->stop_signal);
}

/* continues_seen: p->continues when the signal was taken; a SIGCONT since then has cancelled it. */
void signal_stop_begin(int signo, unsigned continues_seen)
{
	struct process *p = current_process();
	struct thread *t;
	uint64_t flags;

	if ((SIGNALS_TTY_STOP & SIGBIT(signo)) && group_is_orphaned(p))
		return;
	flags = group_lock(p);
	if (p->continues == continues_seen && !p->stop_signal &&
	    !signal_must_die(current_thread())) {
		p->stop_signal = signo;
		LIST_FOREACH(t, &p->threads, sibling)
			signal_wake_thread(t, false);
	}
	group_unlock(p, flags);
}

static bool stays_parked(const struct process *p)
{
	return READ_ONCE(p->stop_signal) && !signal_fatal_pending();
}

/* signal_continue_locked() and SIGKILL wake the threads themselves, so the queue is its own. */
void signal_park(void)
{
	struct process *p = current_process();
	struct waitq own = WAITQ(own);
	struct waiter w = { 0 };
	uint64_t flags;

	flags = spin_lock_irqsave(&process_lock);
	p->parked++;
	signal_stop_check(p);
	spin_unlock_irqrestore(&process_lock, flags);
	for (;;) {
		wait_prepare(&own, &w, THREAD_STOPPED);
		if (!stays_parked(p))
			break;
		schedule();
	}
	wait_finish(&own, &w);
	flags = spin_lock_irqsave(&process_lock);
	p->parked--;
	spin_unlock_irqrestore(&process_lock, flags);
}

/* SPDX-License-Identifier: MIT */
/*
 * Sending signals: to a thread, a process, a group, or - faults - to oneself.
 *
 * A sender marks the signal pending under the sighand's lock, then sets WORK_SIGNAL of a
 * thread that can take it, then wakes or kicks that thread.  The receiver clears WORK_SIGNAL
 * only under the same lock, after looking at the sets, so no signal is overlooked.
 */
#include <asm/errno.h>
#include <asm/siginfo.h>
#include <linux/resource.h>
#include "kernel/cpu/traps.h"
#include "kernel/process/signal_internal.h"
#include "sched/sched.h"

#define TRAP_PF 14

/* The set is atomic and before the look at the state: see sched/wait.c. */
void signal_wake_thread(struct thread *t, bool kill)
{
	__atomic_or_fetch(&t->work, WORK_SIGNAL, __ATOMIC_SEQ_CST);
	/* Running here and not about to sleep: it looks on its way to user mode, or in its wait. */
	if (t == current_thread() && t->state == THREAD_RUNNABLE)
		return;
	if (!thread_wake(t, kill ? THREAD_STOPPED : THREAD_SLEEPING))
		thread_kick(t);
}

/*
 * A signal that will do nothing is not made pending - unless it is blocked, for then its
 * disposition may still change.  pid 1 gets only what it has a handler for.
 */
static bool is_ignored(struct process *p, const struct thread *t, int signo)
{
	uint64_t handler = signal_action(p, signo)->handler;

	if (handler > HANDLER_IGNORE)
		return false;
	if (!t)
		t = p->leader ? p->leader : LIST_FIRST(&p->threads);
	if (p->unkillable && handler == HANDLER_DEFAULT)
		return true;
	if (t->sig.blocked & SIGBIT(signo))
		return false;
	return handler == HANDLER_IGNORE || (SIGNALS_IGNORED & SIGBIT(signo));
}

/*
 * A stop signal and SIGCONT cancel each other, even where they are then ignored.  signo is one of
 * them.
 */
static __noinline bool cancel_opposites(struct process *p, int signo)
{
	sigmask_t opposites = signo == SIGCONT ? SIGNALS_STOP : SIGBIT(SIGCONT);
	struct thread *t;

	pending_discard(&p->pending, opposites, &p->discarded);
	LIST_FOREACH(t, &p->threads, sibling)
		pending_discard(&t->sig.pending, opposites, &p->discarded);
	/* All of them: any may end before it comes to it. */
	if (p->discarded.set)
		LIST_FOREACH(t, &p->threads, sibling)
			signal_wake_thread(t, false);
	return signo == SIGCONT && signal_continue_locked(p);
}

static __noinline void kill_all_threads(struct process *p)
{
	struct thread *t;

	LIST_FOREACH(t, &p->threads, sibling)
		signal_wake_thread(t, true);
}

/*
 * Wakes the thread that is meant, or one that has the signal unblocked, the leader before
 * others.
 */
static void notify(struct process *p, struct thread *target, int signo)
{
	struct thread *first = target ? target : p->leader;

	if (signo == SIGKILL && !target)
		kill_all_threads(p);
	else if (first && !(first->sig.blocked & SIGBIT(signo)))
		signal_wake_thread(first, signo == SIGKILL);
	else if (!target)
		signal_retarget(p, NULL, SIGBIT(signo));
	if (!waitq_empty(&p->signal_wait))
		wake_up_all(&p->signal_wait);	/* sigtimedwait waits for blocked ones */
}

void signal_retarget(struct process *p, const struct thread *but, sigmask_t which)
{
	struct thread *t;

	which &= p->pending.set;
	LIST_FOREACH(t, &p->threads, sibling) {
		if (!which)
			return;
		if (t == but || !(which & ~t->sig.blocked))
			continue;
		which &= t->sig.blocked;
		signal_wake_thread(t, false);
	}
}

static int send(struct process *p, struct thread *t, const struct signal_info *info)
{
	uint64_t flags = spin_lock_irqsave(&p->sighand->lock);
	bool resumed = false;
	int err = 0;

	if (SIGBIT(info->signo) & (SIGNALS_STOP | SIGBIT(SIGCONT)))
		resumed = cancel_opposites(p, info->signo);
	if (!LIST_EMPTY(&p->threads) && !is_ignored(p, t, info->signo)) {
		err = pending_add(t ? &t->sig.pending : &p->pending, info,
				  p->limit[RLIMIT_SIGPENDING].cur);
		if (!err)
			notify(p, t, info->signo);
	}
	spin_unlock_irqrestore(&p->sighand->lock, flags);
	if (resumed)
		signal_notify_job(p, CLD_CONTINUED, SIGCONT);
	return err;
}

int signal_send_thread(struct thread *t, const struct signal_info *info)
{
	return send(t->process, t, info);
}

int signal_send_process(struct process *p, const struct signal_info *info)
{
	return send(p, NULL, info);
}

struct group_send {
	int pgid;
	const struct signal_info *info;
	int found, err;
};

static bool send_if_member(struct process *p, void *arg)
{
	struct group_send *g = arg;

	if (p->pgid == g->pgid) {
		g->found++;
		if (g->info->signo)
			g->err = signal_send_process(p, g->info);
	}
	return true;
}

int signal_send_group(int pgid, const struct signal_info *info)
{
	struct group_send g = { .pgid = pgid, .info = info };

	process_for_each(send_if_member, &g);
	return g.found ? g.err : -ESRCH;
}

void signal_force(const struct signal_info *info)
{
	struct thread *t = current_thread();
	struct process *p = t->process;
	struct signal_action *a = signal_action(p, info->signo);
	uint64_t flags = spin_lock_irqsave(&p->sighand->lock);

	if ((t->sig.blocked & SIGBIT(info->signo)) || a->handler == HANDLER_IGNORE)
		*a = (struct signal_action){ .handler = HANDLER_DEFAULT };
	t->sig.blocked &= ~SIGBIT(info->signo);
	if (a->handler == HANDLER_DEFAULT)
		p->unkillable = false;	/* pid 1 cannot go on behind its fault either */
	pending_add(&t->sig.pending, info, RLIM64_INFINITY);
	__atomic_or_fetch(&t->work, WORK_SIGNAL, __ATOMIC_SEQ_CST);
	spin_unlock_irqrestore(&p->sighand->lock, flags);
}

void signal_fault(int signo, int code, uint64_t addr, int trapno, uint64_t error_code)
{
	struct signal_info info = { .signo = signo, .code = code, .addr = addr };
	struct thread_signals *sig = &current_thread()->sig;

#ifdef CONFIG_DEBUG
	if (!current_thread()->process) {	/* a kernel test's */
		trap_probe.fault(thread_regs(current_thread()), signo);
		return;
	}
#endif
	sig->fault.trapno = trapno;
	sig->fault.error_code = error_code;
	if (trapno == TRAP_PF)
		sig->fault.cr2 = addr;
	signal_force(&info);
}

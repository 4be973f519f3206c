/* SPDX-License-Identifier: MIT */
/* Waiting for children: which one, what happened to it, and its burial. */
#include <asm/errno.h>
#include <asm/siginfo.h>
#include <linux/wait.h>
#include "kernel/process/pid.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/wait.h"
#include "sched/sched.h"

static bool is_meant(const struct wait_request *w, const struct process *child)
{
	bool clone_child = child->exit_signal != SIGCHLD;

	if (w->type == P_PID && child->pid != w->id)
		return false;
	if (w->type == P_PGID && child->pgid != w->id)
		return false;
	return (w->options & __WALL) || clone_child == !!(w->options & __WCLONE);
}

static void describe(struct wait_request *w, struct process *child, int code, int status)
{
	w->info = (struct signal_info){ .signo = SIGCHLD, .code = code, .pid = child->pid,
					.status = status };
	w->runtime_ns = process_runtime_ns(child) + child->child_runtime_ns;
}

static bool try_zombie(struct wait_request *w, struct process *child)
{
	int code = child->exit_code;

	if (child->state != PROCESS_ZOMBIE || !(w->options & WEXITED))
		return false;
	w->status = code;
	if (code & 0x7f)
		describe(w, child, CLD_KILLED, code & 0x7f);
	else
		describe(w, child, CLD_EXITED, code >> 8 & 0xff);
	if (!(w->options & WNOWAIT)) {
		current_process()->child_runtime_ns += w->runtime_ns;
		process_remove(child);
		w->dead = child;
	}
	return true;
}

static bool try_job(struct wait_request *w, struct process *child)
{
	if (child->state == PROCESS_ZOMBIE)
		return false;
	if ((w->options & WSTOPPED) && child->stop_event) {
		w->status = child->stop_signal << 8 | 0x7f;
		describe(w, child, CLD_STOPPED, child->stop_signal);
		child->stop_event = w->options & WNOWAIT;
		return true;
	}
	if ((w->options & WCONTINUED) && child->cont_event) {
		w->status = 0xffff;
		describe(w, child, CLD_CONTINUED, SIGCONT);
		child->cont_event = w->options & WNOWAIT;
		return true;
	}
	return false;
}

/*
 * One look at all children: pid of one with news, 0: none has, -ECHILD: there is none to wait
 * for.
 */
static int look(struct wait_request *w)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	struct process *child;
	int result = -ECHILD;

	LIST_FOREACH(child, &current_process()->children, sibling) {
		int pid = child->pid;

		if (!is_meant(w, child))
			continue;
		result = 0;
		if (try_zombie(w, child) || try_job(w, child)) {
			result = pid;
			break;
		}
	}
	spin_unlock_irqrestore(&process_lock, flags);
	return result;
}

static int look_until_news(struct wait_request *w)
{
	struct waitq *wq = &current_process()->child_wait;
	struct waiter waiter = { 0 };
	int result;

	for (;;) {
		wait_prepare(wq, &waiter, THREAD_SLEEPING);
		result = look(w);
		if (result)
			break;
		if (signal_pending()) {
			result = -ERESTARTSYS;
			break;
		}
		schedule();
	}
	wait_finish(wq, &waiter);
	return result;
}

int process_wait(struct wait_request *w)
{
	int result = look(w);

	if (result == 0 && !(w->options & WNOHANG))
		result = look_until_news(w);
	if (w->dead)
		process_put(w->dead);
	return result;
}

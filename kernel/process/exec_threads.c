/* SPDX-License-Identifier: MIT */
/* execve by one of several threads: the others end, and the caller becomes the leader. */
#include <asm/errno.h>
#include "kernel/process/exec.h"
#include "kernel/process/pid.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/signal_internal.h"
#include "sched/sched.h"

/* Marks the group, so that the others end (signal_must_die) while the process goes on. */
static int claim(struct process *p, struct thread *me)
{
	uint64_t flags = group_lock(p);
	int err = 0;

	if (p->group_exit || p->exec_thread) {
		err = -EAGAIN;	/* somebody else's exec or exit: this thread is about to end */
	} else if (p->nthreads > 1) {
		WRITE_ONCE(p->exec_thread, me);
		group_kill_others(p, me);
	}
	group_unlock(p, flags);
	return err;
}

static void wait_alone(struct process *p)
{
	struct waiter w = { 0 };

	for (;;) {
		wait_prepare(&p->child_wait, &w, THREAD_SLEEPING);
		if (READ_ONCE(p->nthreads) == 1 || signal_fatal_pending())
			break;
		schedule();
	}
	wait_finish(&p->child_wait, &w);
}

/* The old leader is gone, so its number, which is the process's, is free for this thread. */
static void take_leadership(struct process *p, struct thread *me)
{
	if (me->tid == p->pid)
		return;
	LIST_REMOVE(me, tid_link);
	pid_put(me->tid);
	me->tid = p->pid;
	thread_hash_insert(me);
	p->leader = me;
}

int exec_end_other_threads(void)
{
	struct thread *me = current_thread();
	struct process *p = me->process;
	uint64_t flags;
	int err = claim(p, me);

	if (err)
		return err;
	if (READ_ONCE(p->exec_thread))
		wait_alone(p);
	flags = group_lock(p);
	WRITE_ONCE(p->exec_thread, NULL);
	if (p->nthreads == 1)
		take_leadership(p, me);
	else
		err = -EINTR;	/* killed ourselves, while waiting */
	group_unlock(p, flags);
	return err;
}

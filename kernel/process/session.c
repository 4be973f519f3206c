/* SPDX-License-Identifier: MIT */
/* Process groups and sessions (POSIX, setpgid and setsid). */
#include <asm/errno.h>
#include "kernel/process/pid.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/syscall.h"

/* With process_lock held: a member of the group, which has one session. */
static struct process *find_member(int pgid)
{
	struct process *p = process_find(pgid);

	return p && p->pgid == pgid ? p : process_find_member(pgid);
}

static long check_setpgid(const struct process *p, int pgid)
{
	const struct process *me = current_process(), *member;

	if (!p)
		return -ESRCH;
	if (p->parent == me) {
		if (p->sid != me->sid)
			return -EPERM;
		if (p->execed)
			return -EACCES;
	} else if (p != me) {
		return -ESRCH;
	}
	if (p->sid == p->pid)
		return -EPERM;
	if (pgid == p->pid)
		return 0;
	member = find_member(pgid);
	return member && member->sid == me->sid ? 0 : -EPERM;
}

static void change(int *id, int to)
{
	int old = *id;

	pid_get(to);
	*id = to;
	pid_put(old);
}

SYSCALL2(setpgid, int, pid, int, pgid)
{
	uint64_t flags;
	struct process *p;
	long err;

	if (pgid < 0)
		return -EINVAL;
	flags = spin_lock_irqsave(&process_lock);
	p = pid ? process_find(pid) : current_process();
	if (p && !pgid)
		pgid = p->pid;
	err = check_setpgid(p, pgid);
	if (!err)
		change(&p->pgid, pgid);
	spin_unlock_irqrestore(&process_lock, flags);
	return err;
}

SYSCALL0(setsid)
{
	struct process *me = current_process();
	uint64_t flags = spin_lock_irqsave(&process_lock);
	long result = me->pid;

	if (find_member(me->pid)) {
		result = -EPERM;
	} else {
		change(&me->sid, me->pid);
		change(&me->pgid, me->pid);
	}
	spin_unlock_irqrestore(&process_lock, flags);
	return result;
}

static long get_ids(int pid, bool session)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	const struct process *p = pid ? process_of(pid) : current_process();
	long result = !p ? -ESRCH : session ? p->sid : p->pgid;

	spin_unlock_irqrestore(&process_lock, flags);
	return result;
}

SYSCALL1(getpgid, int, pid)
{
	return get_ids(pid, false);
}

SYSCALL0(getpgrp)
{
	return current_process()->pgid;
}

SYSCALL1(getsid, int, pid)
{
	return get_ids(pid, true);
}

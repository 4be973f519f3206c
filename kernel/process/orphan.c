/* SPDX-License-Identifier: MIT */
/*
 * Orphaned process groups (POSIX 3.278): no member has a parent that could continue it, that is,
 * one of the same session in another group.  pid 1 only collects the dead, so it does not count.
 */
#include "kernel/process/process_tree.h"
#include "kernel/process/signal_internal.h"

struct group_search {
	int pgid;
	bool has_guardian, has_stopped;
};

static bool look_at_member(struct process *q, void *arg)
{
	const struct process *parent = q->parent;
	struct group_search *s = arg;

	if (q->pgid != s->pgid || q->state != PROCESS_ALIVE)
		return true;
	s->has_stopped |= q->stopped;
	if (parent && parent != init_process && parent->sid == q->sid && parent->pgid != q->pgid)
		s->has_guardian = true;
	return !s->has_guardian;
}

bool group_is_orphaned(struct process *p)
{
	struct group_search s = { .pgid = p->pgid };

	process_for_each(look_at_member, &s);
	return !s.has_guardian;
}

static bool hang_up_member(struct process *q, void *arg)
{
	struct signal_info hang_up = { .signo = SIGHUP, .code = SI_KERNEL };
	struct signal_info go_on = { .signo = SIGCONT, .code = SI_KERNEL };

	if (q->pgid == *(int *)arg) {
		(void)signal_send_process(q, &hang_up);
		(void)signal_send_process(q, &go_on);
	}
	return true;
}

void group_lost_guardian(const struct process *member, const struct process *parent)
{
	struct group_search s = { .pgid = member->pgid };

	/* It was none: most processes are in their parent's group. */
	if (parent->pgid == member->pgid || parent->sid != member->sid)
		return;
	process_for_each_locked(look_at_member, &s);
	if (!s.has_guardian && s.has_stopped)
		process_for_each_locked(hang_up_member, &s.pgid);
}

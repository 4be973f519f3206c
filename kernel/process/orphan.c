/* SPDX-License-Identifier: MIT */
/*
 * Orphaned process groups (POSIX 3.278): no member has a parent that could continue it, that is,
 * one of the same session in another group.  pid 1 only collects the dead, so it does not count.
 *
 * A process that ends may leave thousands of groups behind, and interrupts are off.  So they are
 * only marked, and two walks over all processes see to all of them.
 */
#include "kernel/lib/string.h"
#include "kernel/process/pid.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/signal_internal.h"

/* Numbers of groups; process_lock. */
typedef uint64_t group_set[PID_MAX / 64];
static group_set lost, stopped;		/* a guardian; members of those */
static bool any_lost;

static void add(group_set set, int pgid)
{
	set[pgid / 64] |= 1ull << (pgid % 64);
}

static bool contains(const group_set set, int pgid)
{
	return set[pgid / 64] >> (pgid % 64) & 1;
}

static bool has_guardian(const struct process *q)
{
	const struct process *parent = q->parent;

	return parent && parent != init_process && parent->sid == q->sid && parent->pgid != q->pgid;
}

struct group_search {
	int pgid;
	bool guarded;
};

static bool look_at_member(struct process *q, void *arg)
{
	struct group_search *s = arg;

	s->guarded = q->pgid == s->pgid && q->state == PROCESS_ALIVE && has_guardian(q);
	return !s->guarded;
}

bool group_is_orphaned(struct process *p)
{
	struct group_search s = { .pgid = p->pgid };

	process_for_each(look_at_member, &s);
	return !s.guarded;
}

void group_lost_guardian(const struct process *member, const struct process *parent)
{
	/* It was none: most processes are in their parent's group. */
	if (parent->pgid == member->pgid || parent->sid != member->sid)
		return;
	add(lost, member->pgid);
	any_lost = true;
}

static bool note_member(struct process *q, void *unused)
{
	(void)unused;
	if (q->state != PROCESS_ALIVE)
		return true;
	if (has_guardian(q))
		lost[q->pgid / 64] &= ~(1ull << (q->pgid % 64));
	if (q->stopped)
		add(stopped, q->pgid);
	return true;
}

static bool hang_up_member(struct process *q, void *unused)
{
	struct signal_info hang_up = { .signo = SIGHUP, .code = SI_KERNEL };
	struct signal_info go_on = { .signo = SIGCONT, .code = SI_KERNEL };

	(void)unused;
	if (contains(lost, q->pgid) && contains(stopped, q->pgid)) {
		(void)signal_send_process(q, &hang_up);
		(void)signal_send_process(q, &go_on);
	}
	return true;
}

void groups_hang_up(void)
{
	if (!any_lost)
		return;
	process_for_each_locked(note_member, NULL);
	process_for_each_locked(hang_up_member, NULL);
	memset(lost, 0, sizeof(lost));
	memset(stopped, 0, sizeof(stopped));
	any_lost = false;
}

/* SPDX-License-Identifier: MIT */
/* Process objects: birth, references, the list of all of them. */
#include "kernel/cpu/clock.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/mm.h"
#include "kernel/process/pid.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/signal.h"

struct spinlock process_lock = SPINLOCK("process", RANK_PROCESS);
struct process *init_process;
static struct process_list all_processes = LIST_HEAD_INITIALIZER(all_processes);

struct process *process_alloc(void)
{
	struct process *p = kzalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->refs = 1;
	LIST_INIT(&p->children);
	LIST_INIT(&p->threads);
	TAILQ_INIT(&p->pending.queue);
	TAILQ_INIT(&p->discarded.queue);
	waitq_init(&p->signal_wait);
	itimer_init(p);
	LIST_INIT(&p->posix_timers);
	waitq_init(&p->child_wait);
	p->start_ns = clock_monotonic_ns();
	return p;
}

void process_get(struct process *p)
{
	__atomic_add_fetch(&p->refs, 1, __ATOMIC_RELAXED);
}

void process_put(struct process *p)
{
	uint32_t left = __atomic_sub_fetch(&p->refs, 1, __ATOMIC_ACQ_REL);

	ASSERT(left != UINT32_MAX, "PROC-1");
	if (left)
		return;
	ASSERT(p->nthreads == 0 && !p->mm, "PROC-1");
	pending_flush(&p->pending);
	pending_flush(&p->discarded);
	if (p->sighand)
		sighand_put(p->sighand);
	kfree(p);
}

/*
 * In the group's lists from here on; the number's first use is the process's (as pid) or the
 * thread's.
 */
void process_add_thread(struct process *p, struct thread *t)
{
	t->process = p;
	t->mm = p->mm;
	LIST_INSERT_HEAD(&p->threads, t, sibling);
	thread_hash_insert(t);
	p->nthreads++;
}

void process_add(struct process *p, struct process *parent)
{
	p->parent = parent;
	if (parent)
		LIST_INSERT_HEAD(&parent->children, p, sibling);
	pid_get(p->pgid);
	pid_get(p->sid);
	process_hash_insert(p);
	LIST_INSERT_HEAD(&all_processes, p, all_link);
}

void process_remove(struct process *p)
{
	ASSERT(LIST_EMPTY(&p->children) && p->state == PROCESS_ZOMBIE, "PROC-2");
	if (p->parent)
		LIST_REMOVE(p, sibling);
	LIST_REMOVE(p, pid_link);
	LIST_REMOVE(p, all_link);
	pid_put(p->pid);
	pid_put(p->pgid);
	pid_put(p->sid);
}

void process_for_each_locked(bool (*fn)(struct process *p, void *arg), void *arg)
{
	struct process *p;

	LIST_FOREACH(p, &all_processes, all_link)
		if (!fn(p, arg))
			break;
}

void process_for_each(bool (*fn)(struct process *p, void *arg), void *arg)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);

	process_for_each_locked(fn, arg);
	spin_unlock_irqrestore(&process_lock, flags);
}

struct process *process_find_member(int pgid)
{
	struct process *p;

	LIST_FOREACH(p, &all_processes, all_link)
		if (p->pgid == pgid)
			break;
	return p;
}

struct process *process_next(int from)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	struct process *p, *best = NULL;

	LIST_FOREACH(p, &all_processes, all_link)
		if (p->pid >= from && (!best || p->pid < best->pid))
			best = p;
	if (best)
		process_get(best);
	spin_unlock_irqrestore(&process_lock, flags);
	return best;
}

struct mm *process_get_mm(struct process *p)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	struct mm *mm = p->mm;

	if (mm)
		mm_get(mm);
	spin_unlock_irqrestore(&process_lock, flags);
	return mm;
}

uint64_t thread_runtime_ns(const struct thread *t)
{
	int64_t time, now;

	/* It may run elsewhere.  One word tells whether, so the two cannot be mixed up. */
	do {
		time = READ_ONCE(t->cpu_time);
		now = time < 0 ? (int64_t)rdtsc() : 0;
	} while (READ_ONCE(t->cpu_time) != time);
	return clock_cycles_to_ns(MAX(time + now, 0));
}

uint64_t process_runtime_ns(struct process *p)
{
	uint64_t ns = p->user_ns;
	struct thread *t;

	LIST_FOREACH(t, &p->threads, sibling)
		ns += thread_runtime_ns(t);
	return ns;
}

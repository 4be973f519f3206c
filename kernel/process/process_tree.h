/* SPDX-License-Identifier: MIT */
/* What fork, exec, exit and wait share about process objects and the tree. */
#pragma once

#include "kernel/process/process.h"

/*
 * Zeroed but for list heads, wait queues, one reference and the start time.  NULL: out of
 * memory.
 */
struct process *process_alloc(void);

/* All with process_lock held; adding a thread also with the sighand's lock. */
void process_add_thread(struct process *p, struct thread *t);
struct process *process_find_member(int pgid);	/* any process of the group */
/* pid, pgid and sid are set.  Takes uses of the last two. */
void process_add(struct process *p, struct process *parent);
/* A zombie without children leaves every list and gives its numbers back; then process_put it. */
void process_remove(struct process *p);

/* CPU time of a live thread. */
uint64_t thread_runtime_ns(const struct thread *t);

/* process_lock and the lock of p's sighand. */
uint64_t group_lock(struct process *p);
void group_unlock(struct process *p, uint64_t flags);
/* With both held: every thread but one gets SIGKILL. */
void group_kill_others(struct process *p, struct thread *but);

/* Where a vfork parent sleeps, on its own stack. */
struct vfork_wait {
	struct waitq wq;
	struct thread *child;	/* RANK_PROCESS; its ->vfork points back here until done */
	bool done;		/* RANK_PROCESS */
};

/*
 * exit and exec: the calling thread stops using its address space.  Robust futexes,
 * clear_child_tid, the vfork parent.
 */
void thread_leave_user_memory(void);

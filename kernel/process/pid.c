/* SPDX-License-Identifier: MIT */
/*
 * Process and thread numbers.  They are given out in ascending order and wrap, so that a
 * number is not reused soon; a table of use counts, one for each number, makes that O(1).
 */
#include <asm/errno.h>
#include "kernel/debug/panic.h"
#include "kernel/process/pid.h"

#define PID_RESERVED 300	/* not given out again after a wrap, as on Linux */
#define HASH_SIZE    512

/* A number counts as pgid and sid of every process at most: two uses for each, and one as a pid. */
static uint16_t uses[PID_MAX];
_Static_assert(2 * (PID_MAX - 1) + 1 <= UINT16_MAX, "use counts cannot overflow");

static int last_pid;
static struct thread_list thread_hash[HASH_SIZE];
static struct process_list process_hash[HASH_SIZE];

int pid_alloc(void)
{
	int pid = last_pid;

	for (int tries = 0; tries < PID_MAX; tries++) {
		if (++pid >= PID_MAX)
			pid = PID_RESERVED;
		if (uses[pid])
			continue;
		uses[pid] = 1;
		last_pid = pid;
		return pid;
	}
	return -EAGAIN;
}

void pid_get(int pid)
{
	uses[pid]++;
}

void pid_put(int pid)
{
	ASSERT(uses[pid] > 0, "PID-1");
	uses[pid]--;
}

void thread_hash_insert(struct thread *t)
{
	LIST_INSERT_HEAD(&thread_hash[t->tid % HASH_SIZE], t, tid_link);
}

void process_hash_insert(struct process *p)
{
	LIST_INSERT_HEAD(&process_hash[p->pid % HASH_SIZE], p, pid_link);
}

struct thread *thread_find(int tid)
{
	struct thread *t;

	if (tid <= 0)
		return NULL;
	LIST_FOREACH(t, &thread_hash[tid % HASH_SIZE], tid_link)
		if (t->tid == tid)
			break;
	return t;
}

struct process *process_find(int pid)
{
	struct process *p;

	if (pid <= 0)
		return NULL;
	LIST_FOREACH(p, &process_hash[pid % HASH_SIZE], pid_link)
		if (p->pid == pid)
			break;
	return p;
}

struct process *process_of(int id)
{
	struct process *p = process_find(id);
	struct thread *t = p ? NULL : thread_find(id);

	return t ? t->process : p;
}

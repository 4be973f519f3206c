/* SPDX-License-Identifier: MIT */
/*
 * CPU time has no alarm clock.  It cannot grow faster than real time on all CPUs together; so who
 * waits for it has a timer on real time that comes when so much could have been used at the
 * earliest, looks, and is armed for the rest.  Who sleeps uses none; rather than that its waking
 * arms the timer, the looks become seldom, so the first one afterwards may be late.
 *
 * Numbers below 0 hold the complement of a process's or thread's number, and in the last three bits
 * what is counted: the kernel does not tell user time from its own, so all three kinds are one.
 */
#include <asm/errno.h>
#include <linux/time.h>
#include "kernel/cpu/clock.h"
#include "kernel/cpu/percpu.h"
#include "kernel/process/cpu_clock.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/timespec.h"
#include "sched/timer.h"

#define OF_THREAD  4
#define KIND       3
#define KIND_FILE  3			/* no CPU time, but a clock behind a file descriptor */

bool is_file_clock(int id)
{
	return id < 0 && (id & (OF_THREAD | KIND)) == KIND_FILE;
}

bool is_cpu_clock(int id)
{
	if (id < 0)
		return (id & KIND) != KIND_FILE;
	return id == CLOCK_PROCESS_CPUTIME_ID || id == CLOCK_THREAD_CPUTIME_ID;
}

/* process_lock held.  The clock without a reference; of no process: there is none. */
static struct cpu_clock find(int id)
{
	bool of_thread = id < 0 ? id & OF_THREAD : id == CLOCK_THREAD_CPUTIME_ID;
	int number = id < 0 ? ~(id >> 3) : 0;
	struct process *me = current_process();
	struct thread *t;

	if (!is_cpu_clock(id))
		return (struct cpu_clock){ .process = NULL };
	if (!of_thread)
		return (struct cpu_clock){ .process = number ? process_find(number) : me };
	t = number ? thread_find(number) : current_thread();
	if (!t || t->process != me)
		return (struct cpu_clock){ .process = NULL };
	return (struct cpu_clock){ .process = me, .tid = t->tid };
}

int cpu_clock_get(struct cpu_clock *c, int id)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);

	*c = find(id);
	if (c->process)
		process_get(c->process);
	spin_unlock_irqrestore(&process_lock, flags);
	return c->process ? 0 : -EINVAL;
}

void cpu_clock_put(struct cpu_clock *c)
{
	if (c->process)
		process_put(c->process);
}

bool cpu_clock_used(const struct cpu_clock *c, uint64_t *ns)
{
	struct thread *t = c->tid ? thread_find(c->tid) : NULL;

	*ns = 0;
	if (c->tid && (!t || t->process != c->process))
		return false;
	*ns = t ? thread_runtime_ns(t) : process_runtime_ns(c->process);
	return true;
}

uint64_t cpu_clock_look(struct cpu_clock *c, uint64_t used, uint64_t left_ns)
{
	/* Threads that are not there yet count too. */
	unsigned at_once = c->tid ? 1 : cpu_count;

	/* Thousands may sleep that have such a timer. */
	c->distance = used == c->seen ? MIN(2 * c->distance, CPU_CLOCK_LOOK_MAX_NS) : 0;
	c->distance = MAX(c->distance, CPU_CLOCK_LOOK_NS);
	c->seen = used;
	if (!c->process->nthreads)
		return TIMEOUT_NEVER;
	return deadline_after(MAX(left_ns / at_once, c->distance));
}

uint64_t cpu_clock_read(const struct cpu_clock *c)
{
	uint64_t flags = spin_lock_irqsave(&process_lock), ns;

	(void)cpu_clock_used(c, &ns);
	spin_unlock_irqrestore(&process_lock, flags);
	return ns;
}

/* SPDX-License-Identifier: MIT */
/*
 * A thread: what the scheduler runs.  Which lock guards a field stands beside it;
 * "own" fields are touched only by the thread itself (or before it first runs).
 */
#pragma once

#include <sys/queue.h>
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/ptregs.h"
#include "kernel/cpu/segments.h"
#include "kernel/mm/layout.h"
#include "kernel/process/sigstate.h"
#include "sched/wait.h"

struct process;
struct mm;

/* FS, GS, DS, ES and TLS of a thread that is switched out (spec 3.1).  Stale while it runs. */
struct thread_segments {
	uint64_t fs_base, gs_base;
	union {
		struct {
			uint16_t fs, gs, ds, es;
		};
		uint64_t selectors;	/* all four: sched/segment_plan.h */
	};
	uint64_t tls[GDT_TLS_COUNT];
};

/* Work to do before the next return to user mode; set by anyone, atomically. */
#define WORK_RESCHED 1u
#define WORK_SIGNAL  2u

struct thread {
	uintptr_t kernel_sp;		/* RSP while switched out; sched/switch.asm uses it */
	void *stack;			/* lowest address of the kernel stack */
	uint32_t work;			/* WORK_*, atomic */

	enum thread_state state;	/* own, or under the wait queue's and run queue's locks */
	unsigned cpu;			/* whose run queue it belongs to; RANK_RUNQUEUE of that CPU */
	bool on_rq;			/* RANK_RUNQUEUE: it is in the queue's lists */
	uint64_t affinity;		/* RANK_RUNQUEUE: mask of CPUs */
	uint32_t mutex_ranks;		/* own; debug: ranks of sleeping locks held, a bit each */
	int policy;			/* RANK_RUNQUEUE: SCHED_NORMAL ... */
	unsigned level;			/* RANK_RUNQUEUE: 0, or the real-time priority, 1 to 99 */
	int nice;			/* RANK_RUNQUEUE */
	bool reset_on_fork;		/* RANK_PROCESS: its children are SCHED_OTHER again */
	bool to_tail;			/* own CPU: it gives way to its equals */
	uint64_t slice;			/* TSC cycles that it may run while equals wait */
	uint64_t slice_end;		/* own CPU: TSC */
	int64_t cpu_time;		/* TSC cycles; less the TSC, so negative, while it runs */
	TAILQ_ENTRY(thread) rq_link;

	struct thread_segments seg;	/* own */
	void *xstate;			/* own; sched/xstate.h; NULL: kernel thread */

	struct process *process;	/* constant; NULL: kernel thread */
	struct mm *mm;			/* own; process->mm, NULL for kernel threads */
	int tid;			/* RANK_PROCESS; changes if exec makes us leader */
	LIST_ENTRY(thread) sibling;	/* RANK_PROCESS: process->threads */
	LIST_ENTRY(thread) tid_link;	/* RANK_PROCESS: the pid hash */
	struct thread_signals sig;	/* kernel/process/sigstate.h */
	uintptr_t clear_child_tid;	/* own: user address, woken and zeroed at exit */
	uintptr_t robust_list;		/* own */
	char comm[16];			/* own */
	int exit_code;			/* wait status format */
	struct vfork_wait *vfork;	/* RANK_PROCESS: a parent waits for our exec or exit */
	bool syscall_compat;		/* own: in a call of the i386 table, from entry to its end */
	struct restart_block {
		long (*fn)(struct restart_block *);
		uint64_t deadline, user_rem;
		uint64_t arg[4];
		bool compat;
		bool armed;	/* a restart_syscall is on its way */
	} restart;
#ifdef CONFIG_DEBUG
	uint16_t trace_id;	/* constant; kernel/debug/entry_trace.h */
	uint8_t trace_depth;	/* its CPU, while it is switched */
#endif
};

static inline struct thread *current_thread(void)
{
	return this_cpu(current);
}

/* The user register frame at the top of the thread's stack. */
static inline struct pt_regs *thread_regs(const struct thread *t)
{
	return (struct pt_regs *)((uintptr_t)t->stack + KERNEL_STACK_SIZE) - 1;
}

/* SPDX-License-Identifier: MIT */
/*
 * One CPU's run queue, private to sched/.
 *
 * The lock is held across switch_to(): whoever runs next drops it.  So a thread that is neither queued
 * nor rq->current is really off its CPU, its registers are saved, and any CPU that gets
 * hold of the lock may move it (SCHED-1).
 */
#pragma once

#include "sched/sched.h"

TAILQ_HEAD(run_list, thread);

struct runqueue {
	struct spinlock lock;		/* RANK_RUNQUEUE, irq */
	struct run_list queue;		/* runnable, but for current */
	unsigned queued;		/* its length; read without the lock as a hint */
	struct thread *current;
	struct thread *idle;
	struct sched_stats stats;
	uint64_t idle_since;
	bool online;
};

extern struct runqueue runqueues[MAX_CPUS];

/* sched/switch.asm, sched/user_state.c */
struct thread *switch_to(struct thread *prev, struct thread *next);
void user_state_save(struct thread *prev);
void user_state_load(struct thread *next);
void user_state_init_cpu(void);

/* sched/balance.c */
/* Called by an idle CPU, interrupts off: moves one thread from the longest queue to own. */
bool runqueue_steal(struct runqueue *own);

/* sched/sched.c; the lock is held. */
void runqueue_enqueue(struct runqueue *rq, struct thread *t);
/* A new thread's first C code, from entry_first_run. */
void sched_first_run(struct thread *prev);

/* sched/timer.c: this CPU's slice end, TIMEOUT_NEVER for none; interrupts off. */
void timer_set_slice(uint64_t deadline_ns);
bool timer_slice_armed(void);

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

#define LEVELS 100	/* 0: SCHED_OTHER and its kin; 1 to 99: real-time priorities */

/* More TSC cycles than any machine will count: the slice of SCHED_FIFO, and the tick that is not armed. */
#define FOREVER (1ull << 62)

TAILQ_HEAD(run_list, thread);

struct runqueue {
	struct spinlock lock;		/* RANK_RUNQUEUE, irq */
	uint64_t ready[2];		/* a bit for each level that has threads */
	unsigned queued;		/* runnable, but for current; read without the lock as a hint */
	bool online;
	struct thread *current;
	struct thread *idle;
	uint64_t tick_at;		/* own CPU: TSC, when the slice timer comes; FOREVER: not */
	uint64_t switches, migrations;
	struct run_list level[LEVELS];
};

extern struct runqueue runqueues[MAX_CPUS];

/* sched/switch.asm, sched/user_state.c */
struct thread *switch_to(struct thread *prev, struct thread *next);
void user_state_save(struct thread *prev);
void user_state_load(struct thread *next);
void user_state_init_cpu(void);

/* sched/runqueue.c; the lock is held. */
void runqueue_init(struct runqueue *rq, struct thread *idle);
void runqueue_enqueue(struct runqueue *rq, struct thread *t);
void runqueue_enqueue_first(struct runqueue *rq, struct thread *t);
void runqueue_remove(struct runqueue *rq, struct thread *t);
/* Takes off the first thread of the highest level; NULL: all are empty. */
struct thread *runqueue_take(struct runqueue *rq);
/* The first thread of the highest level that may run on cpu, taken off; NULL: none. */
struct thread *runqueue_take_for(struct runqueue *rq, unsigned cpu);
/* Locks the queue that t is on or last ran on. */
struct runqueue *runqueue_lock_of(struct thread *t, uint64_t *flags);

/* sched/balance.c */
/* Called by an idle CPU, interrupts off: moves one thread from the longest queue to own. */
bool runqueue_steal(struct runqueue *own);
/* Own CPU, interrupts off: gives a thread to a CPU that has at least two fewer. */
void runqueue_push(struct runqueue *own);

/* sched/tick.c, own CPU, interrupts off: makes sure that the slice timer comes by then (TSC). */
void sched_arm_tick(struct runqueue *rq, uint64_t tsc);

/* sched/sched.c: a new thread's first C code, from entry_first_run. */
void sched_first_run(struct thread *prev);

/* sched/timer.c: this CPU's slice end, TIMEOUT_NEVER for none; interrupts off. */
void timer_set_slice(uint64_t deadline_ns);

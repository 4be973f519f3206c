/* SPDX-License-Identifier: MIT */
/*
 * One CPU's run queue, private to sched/.
 *
 * All that can run are in its lists, also the one that does: so a switch to the next one moves
 * nothing.
 *
 * The lock is held across switch_to(): whoever runs next drops it.  So to whoever gets hold of the
 * lock, a thread that is not rq->current is really off its CPU, its registers are saved, and it
 * may be moved (SCHED-1).
 */
#pragma once

#include "sched/sched.h"

#define LEVELS 100	/* 0: SCHED_OTHER and its kin; 1 to 99: real-time priorities */

/*
 * More TSC cycles than any machine will count: the slice of SCHED_FIFO, and the tick that is not
 * armed.
 */
#define FOREVER (1ull << 62)

TAILQ_HEAD(run_list, thread);

struct runqueue {
	struct spinlock lock;		/* RANK_RUNQUEUE, irq */
	uint64_t ready[2];		/* a bit for each level that has threads */
	unsigned queued;		/* threads in the lists; read without the lock as a hint */
	bool online;
	struct thread *current;
	struct thread *idle;
	uint64_t tick_at;		/* own CPU: TSC, when the slice timer comes; FOREVER: not */
	uint64_t switches, migrations;
	struct run_list level[LEVELS];
};

extern struct runqueue runqueues[MAX_CPUS];

/* sched/switch.asm; sched/user_state.c */
struct thread *switch_to(struct thread *prev, struct thread *next);
void user_state_init_cpu(void);

/* sched/runqueue.c; the lock is held. */
void runqueue_init(struct runqueue *rq, struct thread *idle);
void runqueue_enqueue(struct runqueue *rq, struct thread *t);
void runqueue_remove(struct runqueue *rq, struct thread *t);
/*
 * The first thread of the highest level that may run on cpu and does not run, taken off; NULL:
 * none.
 */
struct thread *runqueue_take_for(struct runqueue *rq, unsigned cpu);

/*
 * Locks the queue that t is on or last ran on; *flags are for spin_unlock_irqrestore.
 *
 * *state is read before t->cpu: a RUNNABLE thread may be on its way to another queue at any time,
 * one that sleeps not without this lock.  In the other order t could move, run and fall asleep
 * there in between (SCHED-1).
 */
static inline struct runqueue *runqueue_lock_of(struct thread *t, uint64_t *flags,
						enum thread_state *state)
{
	for (;;) {
		unsigned cpu = READ_ONCE(t->cpu);
		struct runqueue *rq = &runqueues[cpu];

		*flags = spin_lock_irqsave(&rq->lock);
		*state = __atomic_load_n(&t->state, __ATOMIC_ACQUIRE);
		if (READ_ONCE(t->cpu) == cpu)
			return rq;
		spin_unlock_irqrestore(&rq->lock, *flags);
	}
}

/* The lock is held: who is to run. */
static inline struct thread *runqueue_first(struct runqueue *rq)
{
	if (unlikely(rq->ready[1]))
		return TAILQ_FIRST(&rq->level[127 - __builtin_clzll(rq->ready[1])]);
	if (unlikely(!rq->ready[0]))
		return rq->idle;
	return TAILQ_FIRST(&rq->level[63 - __builtin_clzll(rq->ready[0])]);
}

/* The lock is held: t gives way to its equals. */
static inline void runqueue_rotate(struct runqueue *rq, struct thread *t)
{
	struct run_list *list = &rq->level[t->rq_level];

	if (unlikely(t->rq_level != t->level)) {
		runqueue_remove(rq, t);
		runqueue_enqueue(rq, t);
	} else if (TAILQ_NEXT(t, rq_link)) {
		TAILQ_REMOVE(list, t, rq_link);
		TAILQ_INSERT_TAIL(list, t, rq_link);
	}
}

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

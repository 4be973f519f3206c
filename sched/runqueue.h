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
 *
 * A thread belongs at any time to one queue, that of t->cpu, whether it is in its lists or not.
 * t->cpu changes only under that queue's lock, and is the last thing that changes under it.  So
 * whoever has the lock and then still finds the thread's CPU to be this one (runqueue_lock_of) has
 * the thread to itself: it is in no other list, and nobody moves it or reads its policy and
 * affinity meanwhile (SCHED-4).
 */
#pragma once

#include "sched/sched.h"

#define LEVELS 100	/* 0: SCHED_OTHER and its kin; 1 to 99: real-time priorities */

/* More TSC cycles than any machine will count: a slice without an end, a tick that is not armed. */
#define FOREVER (1ull << 62)

TAILQ_HEAD(run_list, thread);

struct runqueue {
	struct spinlock lock;		/* RANK_RUNQUEUE, irq */
	uint64_t ready[2];		/* a bit for each level that has threads; hint as queued */
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
 * Locks the queue that t belongs to: t is the holder's alone (SCHED-4).  *flags are for
 * spin_unlock_irqrestore.  The second look must see what was done to t before it came here.
 */
static inline struct runqueue *runqueue_lock_of(const struct thread *t, uint64_t *flags)
{
	for (;;) {
		unsigned cpu = READ_ONCE(t->cpu);
		struct runqueue *rq = &runqueues[cpu];

		*flags = spin_lock_irqsave(&rq->lock);
		if (__atomic_load_n(&t->cpu, __ATOMIC_ACQUIRE) == cpu)
			return rq;
		spin_unlock_irqrestore(&rq->lock, *flags);
	}
}

/* The level of who runs or is about to, -1: nobody.  Without the lock a hint. */
static inline int runqueue_top(const struct runqueue *rq)
{
	uint64_t high = READ_ONCE(rq->ready[1]), low = READ_ONCE(rq->ready[0]);

	if (unlikely(high))
		return 127 - __builtin_clzll(high);
	return likely(low) ? 63 - __builtin_clzll(low) : -1;
}

/* The lock is held: who is to run. */
static inline struct thread *runqueue_first(struct runqueue *rq)
{
	int level = runqueue_top(rq);

	return level < 0 ? rq->idle : TAILQ_FIRST(&rq->level[level]);
}

/* The lock is held: t gives way to its equals. */
static inline void runqueue_rotate(struct runqueue *rq, struct thread *t)
{
	struct run_list *list = &rq->level[t->level];

	if (TAILQ_NEXT(t, rq_link)) {
		TAILQ_REMOVE(list, t, rq_link);
		TAILQ_INSERT_TAIL(list, t, rq_link);
	}
}

/* sched/balance.c */
/* Called by an idle CPU, interrupts off: moves one thread that waits elsewhere to own. */
bool runqueue_steal(struct runqueue *own);
/* Own CPU, interrupts off: gives a thread that waits to a CPU where it is better off. */
void runqueue_push(struct runqueue *own);
/* Interrupts off, no queue's lock held: that CPU is to look at its queue again. */
void runqueue_tell(unsigned cpu);

/* sched/tick.c, own CPU, interrupts off: makes sure that the slice timer comes by then (TSC). */
void sched_arm_tick(struct runqueue *rq, uint64_t tsc);

/* sched/sched.c: a new thread's first C code, from entry_first_run. */
void sched_first_run(struct thread *prev);

/* sched/timer.c: this CPU's slice end, TIMEOUT_NEVER for none; interrupts off. */
void timer_set_slice(uint64_t deadline_ns);

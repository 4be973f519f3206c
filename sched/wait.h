/* SPDX-License-Identifier: MIT */
/*
 * Wait queues.  The pattern that loses no wake-up: queue up, set the state, look at the
 * condition, sleep.  wait_event and its kin are that pattern.
 */
#pragma once

#include <sys/queue.h>
#include "kernel/lib/lock.h"

struct thread;

struct waiter {
	TAILQ_ENTRY(waiter) link;
	struct thread *thread;
	bool queued;
};

TAILQ_HEAD(waiter_list, waiter);

struct waitq {
	struct spinlock lock;		/* RANK_WAITQ, irq */
	struct waiter_list list;
};

#define WAITQ(q) { .lock = SPINLOCK("waitq", RANK_WAITQ), .list = TAILQ_HEAD_INITIALIZER((q).list) }

void waitq_init(struct waitq *wq);

enum thread_state {
	THREAD_RUNNABLE,
	THREAD_SLEEPING,	/* woken by wake-ups and signals */
	THREAD_SLEEPING_HARD,	/* woken by wake-ups only: short, certain waits */
	THREAD_STOPPED,		/* SIGSTOP and friends: woken by SIGCONT and SIGKILL */
	THREAD_DEAD,
};

/*
 * Queues w (once) and sets the state of the current thread.  Then test the condition, then
 * schedule().
 */
void wait_prepare(struct waitq *wq, struct waiter *w, enum thread_state state);
/* Back to RUNNABLE, off the queue. */
void wait_finish(struct waitq *wq, struct waiter *w);

/* Any context, interrupts too.  Wakes all, or the first n; returns how many were woken. */
unsigned wake_up_all(struct waitq *wq);
unsigned wake_up(struct waitq *wq, unsigned n);

static inline bool waitq_empty(struct waitq *wq)
{
	return TAILQ_EMPTY(&wq->list);
}

/* kernel/process/signal.h: an unblocked signal waits for the current thread. */
bool signal_pending(void);
void schedule(void);

/*
 * For loops that a program can make long, as the kernel is not preemptible: others get their
 * turn.  No spinlock is held.  True: the thread is to die, so the loop ends here.
 */
bool cond_resched(void);

#define ERESTARTSYS            512	/* never seen by user mode: spec 6.10 */
#define ERESTARTNOINTR         513
#define ERESTARTNOHAND         514
#define ERESTART_RESTARTBLOCK  516
#define ERESTART_FIRST         ERESTARTSYS
#define ERESTART_LAST          ERESTART_RESTARTBLOCK

/*
 * Sleeps until cond holds.  0, or -ERESTARTSYS when a signal came first.
 * The second look at cond spares whoever was woken for good another wait_prepare.
 */
#define wait_event(wq, cond)                                                               \
	({                                                                                 \
		struct waiter w_ = { 0 };                                                  \
		int ret_ = 0;                                                              \
		for (;;) {                                                                 \
			wait_prepare((wq), &w_, THREAD_SLEEPING);                          \
			if (cond)                                                          \
				break;                                                     \
			if (signal_pending()) {                                            \
				ret_ = -ERESTARTSYS;                                       \
				break;                                                     \
			}                                                                  \
			schedule();                                                        \
			if (cond)                                                          \
				break;                                                     \
		}                                                                          \
		wait_finish((wq), &w_);                                                    \
		ret_;                                                                      \
	})

/* The same without signals. */
#define wait_event_hard(wq, cond)                                                          \
	do {                                                                               \
		struct waiter w_ = { 0 };                                                  \
		for (;;) {                                                                 \
			wait_prepare((wq), &w_, THREAD_SLEEPING_HARD);                     \
			if (cond)                                                          \
				break;                                                     \
			schedule();                                                        \
			if (cond)                                                          \
				break;                                                     \
		}                                                                          \
		wait_finish((wq), &w_);                                                    \
	} while (0)

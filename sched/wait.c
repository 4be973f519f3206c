/* SPDX-License-Identifier: MIT */
/*
 * Wait queues.
 *
 * No wake-up is lost: the sleeper stores its state before it looks at the condition, with a full
 * barrier in between; the waker stores the condition before it takes the locks under which it looks
 * at the state.  One of the two sees the other's store.
 */
#include "kernel/debug/panic.h"
#include "kernel/process/signal.h"
#include "sched/sched.h"

void waitq_init(struct waitq *wq)
{
	spin_init(&wq->lock, "waitq", RANK_WAITQ);
	TAILQ_INIT(&wq->list);
}

void wait_prepare(struct waitq *wq, struct waiter *w, enum thread_state state)
{
	if (!w->queued) {
		uint64_t flags = spin_lock_irqsave(&wq->lock);

		w->thread = current_thread();
		w->queued = true;
		TAILQ_INSERT_TAIL(&wq->list, w, link);
		spin_unlock_irqrestore(&wq->lock, flags);
	}
	__atomic_store_n(&current_thread()->state, state, __ATOMIC_SEQ_CST);
}

void wait_finish(struct waitq *wq, struct waiter *w)
{
	uint64_t flags;

	WRITE_ONCE(current_thread()->state, THREAD_RUNNABLE);
	if (!w->queued)
		return;
	flags = spin_lock_irqsave(&wq->lock);
	TAILQ_REMOVE(&wq->list, w, link);
	w->queued = false;
	spin_unlock_irqrestore(&wq->lock, flags);
}

/*
 * A waiter stays queued until it runs and leaves by itself; one that is already awake does not
 * count.
 */
unsigned wake_up(struct waitq *wq, unsigned n)
{
	uint64_t flags = spin_lock_irqsave(&wq->lock);
	struct waiter *w;
	unsigned woken = 0;

	TAILQ_FOREACH (w, &wq->list, link) {
		if (woken == n)
			break;
		woken += thread_wake(w->thread, THREAD_SLEEPING_HARD);
	}
	spin_unlock_irqrestore(&wq->lock, flags);
	return woken;
}

unsigned wake_up_all(struct waitq *wq)
{
	return wake_up(wq, ~0u);
}

bool cond_resched(void)
{
	struct thread *t = current_thread();
	uint32_t work = READ_ONCE(t->work);

	if (likely(!work) || !t->process)
		return false;	/* without a process: boot, which unpacks files */
	if (work & WORK_RESCHED)
		schedule();
	return signal_fatal_pending();
}

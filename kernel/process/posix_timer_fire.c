/* SPDX-License-Identifier: MIT */
/*
 * The firing of a timer of timer_create(2), on real time and on CPU time.
 *
 * A periodic timer whose signal is pending does not run: the signal, when it is taken, counts
 * the periods that have gone by (the overrun) and starts it again in its raster.  So periods of a
 * nanosecond cost no interrupts.  If it is discarded instead, a thread of the process starts the
 * timer on its way to user mode: whoever discards holds locks that fire() wants, and must not wait
 * for it.  A timer whose signal was not made pending - it is ignored, or there is no room - goes on
 * by itself, but not fast, and the more slowly the more timers there are.
 *
 * fire() runs without the lock of posix_timer.c, for whoever stops a timer waits for it with that
 * lock held; it reads fields that change only while the timer is stopped.  Whether the signal's
 * receiver or fire() itself goes on is decided by who takes .waiting back.
 */
#include <asm/siginfo.h>
#include "kernel/cpu/clock.h"
#include "kernel/process/posix_timer.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/signal_internal.h"

#define UNHEARD_PERIOD_NS 10000000ull	/* at least; for signals that nobody takes */
#define NOTHING_NS           50000ull	/* see for_nothing() */

/*
 * When an interrupt of a timer that nobody hears of may be followed by the next one.  The more
 * timers there are, the later: all of them together interrupt the machine 20,000 times a second at
 * most, and however many a program makes, the rest of the time is for work.
 */
static uint64_t for_nothing(uint64_t period)
{
	uint64_t share = READ_ONCE(posix_timer_count) * NOTHING_NS;

	return clock_monotonic_ns() + MAX(period, share);
}

int64_t posix_timer_next(const struct posix_timer *t, int64_t now, uint64_t *passed)
{
	uint64_t gone = (uint64_t)now - (uint64_t)t->expires;
	int64_t next;

	*passed = 0;
	if (now < t->expires)
		return t->expires;	/* the wall clock was set back */
	*passed = gone / t->interval;
	if (__builtin_add_overflow(now, (int64_t)(t->interval - gone % t->interval), &next))
		return INT64_MAX;
	return next;
}

enum sent { PENDING, IGNORED, NO_ROOM };

/* process_lock held.  A thread that has ended gets nothing, for ever. */
static enum sent send_event(struct posix_timer *t)
{
	struct thread *target = t->tid ? thread_find(t->tid) : NULL;
	const struct pending_signals *p;
	int err;

	if (t->tid && (!target || target->process != t->process))
		return PENDING;
	p = target ? &target->sig.pending : &t->process->pending;
	err = target ? signal_send_thread(target, &t->info)
		     : signal_send_process(t->process, &t->info);
	if (err)
		return NO_ROOM;
	return READ_ONCE(p->set) & SIGBIT(t->info.signo) ? PENDING : IGNORED;
}

/*
 * process_lock held.  On CPU time: false if it is too early, and *look is when to look again.
 * now: what the timer's clock shows.
 */
static bool is_due(struct posix_timer *t, uint64_t *now, uint64_t *look)
{
	*look = TIMEOUT_NEVER;
	if (!t->cpu.process) {
		*now = clock_monotonic_ns();
		return true;
	}
	if (!cpu_clock_used(&t->cpu, now))
		return false;
	if (*now < t->due)
		*look = MAX(cpu_clock_look(&t->cpu, *now, t->due - *now), for_nothing(0));
	return *now >= t->due;
}

/* Its signal is not pending. */
static void go_on_unheard(struct posix_timer *t, enum sent sent, int64_t now)
{
	int64_t next = for_nothing(UNHEARD_PERIOD_NS), period;
	uint64_t passed;

	if (sent == IGNORED) {
		if (!t->interval)
			return;
		period = posix_timer_next(t, now, &passed);
		if (t->cpu.process)
			t->due = period;
		else
			next = MAX(next, period);
	}
	retimer_again(&t->timer, next);
}

static void fire(struct retimer *timer)
{
	struct posix_timer *t = container_of(timer, struct posix_timer, timer);
	uint64_t flags = spin_lock_irqsave(&process_lock), now, look;
	enum sent sent;

	if (!is_due(t, &now, &look)) {
		spin_unlock_irqrestore(&process_lock, flags);
		retimer_again(timer, look);
		return;
	}
	WRITE_ONCE(t->fired, true);
	__atomic_store_n(&t->waiting, true, __ATOMIC_SEQ_CST);
	sent = send_event(t);
	spin_unlock_irqrestore(&process_lock, flags);
	if (sent == NO_ROOM)
		WRITE_ONCE(t->fired, false);
	if (sent != PENDING && __atomic_exchange_n(&t->waiting, false, __ATOMIC_SEQ_CST))
		go_on_unheard(t, sent, now);
}

void posix_timer_init(struct posix_timer *t)
{
	retimer_init(&t->timer, fire);
}

void posix_timer_start(struct posix_timer *t)
{
	t->due = MAX(t->expires, 0);
	retimer_start(&t->timer, t->cpu.process ? clock_monotonic_ns() + CPU_CLOCK_LOOK_NS : t->due);
}

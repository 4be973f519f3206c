/* SPDX-License-Identifier: MIT */
/*
 * Timers of timer_create(2), on the real-time and the monotonic clock.
 *
 * A periodic timer whose signal is pending does not run: the signal, when it is taken, counts
 * the periods that have gone by (the overrun) and starts it again in its raster.  So periods of a
 * nanosecond cost no interrupts.  If it is discarded instead, a thread of the process starts the
 * timer on its way to user mode: whoever discards holds locks that fire() wants, and must not wait
 * for it.  A timer whose signal was not made pending - it is ignored, or there is no room - goes on
 * by itself, but not fast.
 *
 * The lock guards all processes' lists and the timers in them.  fire() runs without it, for whoever
 * stops a timer waits for it with the lock held; it reads fields that change only while the timer
 * is stopped.  Whether the signal's receiver or fire() itself goes on is decided by who takes
 * .waiting back.
 */
#include <asm/errno.h>
#include <asm/siginfo.h>
#include <linux/resource.h>
#include "kernel/cpu/clock.h"
#include "kernel/mm/heap.h"
#include "kernel/process/clocks.h"
#include "kernel/process/posix_timer.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/timespec.h"

#define UNHEARD_PERIOD_NS 10000000ll	/* at least; for signals that nobody takes */

static struct spinlock posix_timer_lock = SPINLOCK("posix timer", RANK_ITIMER);
static struct posix_timer_list on_realtime = LIST_HEAD_INITIALIZER(on_realtime);

/*
 * The first time after now in the raster; the number of those passed over.  Its beginning may lie
 * ahead again, if the wall clock was set back.
 */
static int64_t next_period(const struct posix_timer *t, int64_t now, uint64_t *passed)
{
	*passed = 0;
	if (now < t->expires)
		return t->expires;
	*passed = (uint64_t)(now - t->expires) / t->interval;
	return t->expires + (*passed + 1) * t->interval;
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

static void fire(struct retimer *timer)
{
	struct posix_timer *t = container_of(timer, struct posix_timer, timer);
	uint64_t flags, passed;
	int64_t now;
	enum sent sent;

	__atomic_store_n(&t->waiting, true, __ATOMIC_SEQ_CST);
	flags = spin_lock_irqsave(&process_lock);
	sent = send_event(t);
	spin_unlock_irqrestore(&process_lock, flags);
	t->fired = sent != NO_ROOM;
	if (sent == PENDING || !__atomic_exchange_n(&t->waiting, false, __ATOMIC_SEQ_CST))
		return;
	now = clock_monotonic_ns();
	if (sent == NO_ROOM)
		retimer_again(timer, now + UNHEARD_PERIOD_NS);
	else if (t->interval)
		retimer_again(timer, MAX(next_period(t, now, &passed), now + UNHEARD_PERIOD_NS));
}

void posix_timer_init(struct posix_timer *t)
{
	retimer_init(&t->timer, fire);
}

static struct posix_timer *find(int id)
{
	struct posix_timer *t;

	LIST_FOREACH(t, &current_process()->posix_timers, link)
		if (t->id == id)
			break;
	return t;
}

int posix_timer_add(struct posix_timer *new, bool value_is_number)
{
	struct process *p = current_process();
	uint64_t flags = spin_lock_irqsave(&posix_timer_lock);
	struct posix_timer *t;
	uint64_t count = 0;
	int id;

	LIST_FOREACH(t, &p->posix_timers, link)
		count++;
	if (count >= p->limit[RLIMIT_SIGPENDING].cur || p->posix_timer_ids == INT32_MAX) {
		spin_unlock_irqrestore(&posix_timer_lock, flags);
		return -EAGAIN;
	}
	new->process = p;
	id = p->posix_timer_ids++;
	new->id = new->info.pid = id;
	if (value_is_number)
		new->info.addr = id;
	LIST_INSERT_HEAD(&p->posix_timers, new, link);
	spin_unlock_irqrestore(&posix_timer_lock, flags);
	return id;
}

/* The lock is held. */
static void stop(struct posix_timer *t)
{
	retimer_stop(&t->timer);
	if (t->realtime)
		LIST_REMOVE(t, realtime_link);
	t->realtime = false;
}

static void take_out(struct posix_timer *t)
{
	stop(t);
	LIST_REMOVE(t, link);
}

int posix_timer_remove(int id)
{
	uint64_t flags = spin_lock_irqsave(&posix_timer_lock);
	struct posix_timer *t = find(id);

	if (t)
		take_out(t);
	spin_unlock_irqrestore(&posix_timer_lock, flags);
	if (!t)
		return -EINVAL;
	kfree(t);
	return 0;
}

void posix_timers_drop(struct process *p)
{
	struct posix_timer *t;
	uint64_t flags;

	/* Nobody else is left who could add or remove any; but the clock may be set. */
	while ((t = LIST_FIRST(&p->posix_timers))) {
		flags = spin_lock_irqsave(&posix_timer_lock);
		take_out(t);
		spin_unlock_irqrestore(&posix_timer_lock, flags);
		kfree(t);
	}
	p->posix_timer_ids = 0;
}

void posix_timer_taken(struct signal_info *info)
{
	uint64_t flags = spin_lock_irqsave(&posix_timer_lock), passed;
	struct posix_timer *t = find(info->pid);

	if (t && __atomic_exchange_n(&t->waiting, false, __ATOMIC_SEQ_CST) && t->interval) {
		t->expires = next_period(t, clock_monotonic_ns(), &passed);
		t->overrun = MIN(passed, (uint64_t)INT32_MAX);
		info->uid = t->overrun;		/* si_overrun lies where si_uid does */
		retimer_start(&t->timer, t->expires);
	}
	spin_unlock_irqrestore(&posix_timer_lock, flags);
}

void posix_timers_go_on(struct process *p)
{
	while (READ_ONCE(p->discarded.set)) {
		uint64_t flags = spin_lock_irqsave(&p->sighand->lock);
		struct signal_info info;
		int signo = pending_take(&p->discarded, ~0ull, &info);

		spin_unlock_irqrestore(&p->sighand->lock, flags);
		if (signo)
			posix_timer_taken(&info);
	}
}

static struct posix_timer_time remaining(const struct posix_timer *t)
{
	struct posix_timer_time r = { .interval = t->interval };
	int64_t now = clock_monotonic_ns();
	uint64_t passed;

	if (t->on && t->expires > now)
		r.value = t->expires - now;
	else if (t->on && t->interval)
		r.value = next_period(t, now, &passed) - now;
	return r;
}

/* As the clock stands now. */
static int64_t deadline_of(const struct posix_timer *t, uint64_t value, bool absolute)
{
	int64_t now = clock_monotonic_ns(), deadline;
	uint64_t start = 0;

	if (absolute)
		(void)clock_read(t->clock, &start);	/* timer_create knew the clock */
	value = MIN(value, (uint64_t)INT64_MAX);
	if (__builtin_add_overflow(now, (int64_t)value - (int64_t)start, &deadline))
		return INT64_MAX;
	return deadline;
}

static void set(struct posix_timer *t, const struct posix_timer_time *new, bool absolute)
{
	stop(t);
	__atomic_store_n(&t->waiting, false, __ATOMIC_SEQ_CST);
	t->fired = false;
	t->overrun = 0;
	t->interval = new->value ? MIN(new->interval, TIMEOUT_NEVER / 4) : 0;
	t->on = new->value;
	t->expires = t->on ? deadline_of(t, new->value, absolute) : 0;
	t->realtime = t->on && absolute && clock_is_realtime(t->clock);
	if (t->realtime)
		LIST_INSERT_HEAD(&on_realtime, t, realtime_link);
	if (t->on && !t->silent)
		retimer_start(&t->timer, MAX(t->expires, 0));
}

/*
 * The clock went forward by that much.  One that has fired for the last time stays as it is; one
 * whose signal waits to be taken goes on with that.
 */
static void move(struct posix_timer *t, int64_t forward)
{
	retimer_stop(&t->timer);
	if ((t->fired && !t->interval) || t->expires == INT64_MAX)
		return;
	if (__builtin_sub_overflow(t->expires, forward, &t->expires))
		t->expires = forward < 0 ? INT64_MAX : INT64_MIN;
	if (!t->silent && !READ_ONCE(t->waiting))
		retimer_start(&t->timer, MAX(t->expires, 0));
}

/* With the lock held, so that no timer is set by the old time and moved, or by the new one. */
void posix_timers_set_clock(uint64_t realtime_ns)
{
	uint64_t flags = spin_lock_irqsave(&posix_timer_lock);
	int64_t forward = clock_set_realtime(realtime_ns);
	struct posix_timer *t;

	LIST_FOREACH(t, &on_realtime, realtime_link)
		move(t, forward);
	spin_unlock_irqrestore(&posix_timer_lock, flags);
}

int posix_timer_exchange(int id, const struct posix_timer_time *new, bool absolute,
			 struct posix_timer_time *old)
{
	uint64_t flags = spin_lock_irqsave(&posix_timer_lock);
	struct posix_timer *t = find(id);

	if (t) {
		*old = remaining(t);
		if (new)
			set(t, new, absolute);
	}
	spin_unlock_irqrestore(&posix_timer_lock, flags);
	return t ? 0 : -EINVAL;
}

int posix_timer_overrun(int id)
{
	uint64_t flags = spin_lock_irqsave(&posix_timer_lock);
	struct posix_timer *t = find(id);
	int overrun = t ? (int)t->overrun : -EINVAL;

	spin_unlock_irqrestore(&posix_timer_lock, flags);
	return overrun;
}

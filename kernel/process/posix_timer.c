/* SPDX-License-Identifier: MIT */
/*
 * Timers of timer_create(2): a process's list of them, setting them, and going on when their
 * signals have been taken.  posix_timer_fire.c tells how they fire.
 *
 * The lock guards all processes' lists and the timers in them.
 */
#include <asm/errno.h>
#include <linux/resource.h>
#include "kernel/cpu/clock.h"
#include "kernel/mm/heap.h"
#include "kernel/process/clocks.h"
#include "kernel/process/posix_timer.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/timespec.h"

static struct spinlock posix_timer_lock = SPINLOCK("posix timer", RANK_ITIMER);
static struct posix_timer_list on_realtime = LIST_HEAD_INITIALIZER(on_realtime);

unsigned posix_timer_count;

static struct posix_timer *find(int id)
{
	struct posix_timer *t;

	LIST_FOREACH(t, &current_process()->posix_timers, link)
		if (t->id == id)
			break;
	return t;
}

/*
 * The lock is taken: the timer, and what its clock shows; NULL: there is none.  CPU time is read
 * without the lock, for fire(), which may be waited for with the lock held, wants process_lock.
 * No number is given out twice.
 */
static struct posix_timer *find_at(int id, int64_t *now, uint64_t *flags)
{
	struct posix_timer *t;
	struct cpu_clock cpu;

	*flags = spin_lock_irqsave(&posix_timer_lock);
	t = find(id);
	*now = clock_monotonic_ns();
	if (!t || !t->cpu.process)
		return t;
	cpu = (struct cpu_clock){ .process = t->cpu.process, .tid = t->cpu.tid };
	process_get(cpu.process);
	spin_unlock_irqrestore(&posix_timer_lock, *flags);
	*now = cpu_clock_read(&cpu);
	cpu_clock_put(&cpu);
	*flags = spin_lock_irqsave(&posix_timer_lock);
	return find(id);
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
	__atomic_add_fetch(&posix_timer_count, 1, __ATOMIC_RELAXED);
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

void posix_timer_free(struct posix_timer *t)
{
	cpu_clock_put(&t->cpu);
	kfree(t);
}

static void take_out(struct posix_timer *t)
{
	stop(t);
	LIST_REMOVE(t, link);
	__atomic_sub_fetch(&posix_timer_count, 1, __ATOMIC_RELAXED);
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
	posix_timer_free(t);
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
		posix_timer_free(t);
	}
	p->posix_timer_ids = 0;
}

void posix_timer_taken(struct signal_info *info)
{
	uint64_t flags, passed;
	int64_t now;
	struct posix_timer *t = find_at(info->pid, &now, &flags);

	if (t && __atomic_exchange_n(&t->waiting, false, __ATOMIC_SEQ_CST) && t->interval) {
		t->expires = posix_timer_next(t, now, &passed);
		t->overrun = MIN(passed, (uint64_t)INT32_MAX);
		info->uid = t->overrun;		/* si_overrun lies where si_uid does */
		posix_timer_start(t);
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

/* One that should have fired has 1 ns left until it does. */
static struct posix_timer_time remaining(const struct posix_timer *t, int64_t now)
{
	struct posix_timer_time r = { .interval = t->interval };
	uint64_t passed;

	if (!t->on)
		return r;
	if (t->expires > now)
		r.value = t->expires - now;
	else if (t->interval)
		r.value = posix_timer_next(t, now, &passed) - now;
	else
		r.value = !t->silent && !READ_ONCE(t->fired);
	return r;
}

/* As the clocks stand now. */
static int64_t deadline_of(const struct posix_timer *t, int64_t now, uint64_t value, bool absolute)
{
	uint64_t start = 0;
	int64_t deadline;

	value = MIN(value, (uint64_t)INT64_MAX);
	if (absolute && t->cpu.process)
		return value;
	if (absolute)
		(void)clock_read(t->clock, &start);	/* timer_create knew the clock */
	if (__builtin_add_overflow(now, (int64_t)value - (int64_t)start, &deadline))
		return INT64_MAX;
	return deadline;
}

static void set(struct posix_timer *t, int64_t now, const struct posix_timer_time *new,
		bool absolute)
{
	stop(t);
	__atomic_store_n(&t->waiting, false, __ATOMIC_SEQ_CST);
	t->fired = false;
	t->overrun = 0;
	t->interval = new->value ? MIN(new->interval, (uint64_t)INT64_MAX) : 0;
	t->on = new->value;
	t->expires = t->on ? deadline_of(t, now, new->value, absolute) : 0;
	t->realtime = t->on && absolute && clock_is_realtime(t->clock);
	if (t->realtime)
		LIST_INSERT_HEAD(&on_realtime, t, realtime_link);
	if (t->on && !t->silent)
		posix_timer_start(t);
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
		posix_timer_start(t);
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
	uint64_t flags;
	int64_t now;
	struct posix_timer *t = find_at(id, &now, &flags);

	if (t) {
		*old = remaining(t, now);
		if (new)
			set(t, now, new, absolute);
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

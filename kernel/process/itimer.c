/* SPDX-License-Identifier: MIT */
/*
 * setitimer, getitimer and alarm.  The timers on CPU time are in cpu_itimer.c.
 *
 * A periodic timer on real time is armed again only when its SIGALRM is taken, in the raster that
 * it began with: a program that does not take it, or asks for periods of a microsecond, costs no
 * interrupts.
 */
#include <asm/errno.h>
#include <asm/siginfo.h>
#include <linux/time.h>
#include "kernel/cpu/clock.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/clocks.h"
#include "kernel/process/compat.h"
#include "kernel/process/itimer.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/syscall.h"
#include "kernel/process/timespec.h"

/* The timer's function takes other locks than this one, so it may be waited for under it. */
static struct spinlock itimer_lock = SPINLOCK("itimer", RANK_ITIMER);

struct itimer_ns {
	uint64_t interval, value;
};

static void fire(struct timer *timer)
{
	struct itimer *it = container_of(timer, struct itimer, timer);
	struct process *p = container_of(it, struct process, itimer);
	struct signal_info info = { .signo = SIGALRM, .code = SI_KERNEL };
	uint64_t flags = spin_lock_irqsave(&process_lock);

	(void)signal_send_process(p, &info);
	spin_unlock_irqrestore(&process_lock, flags);
}

void itimer_init(struct process *p)
{
	p->itimer = (struct itimer){ .timer.fire = fire };
	cpu_itimer_init(&p->virtual_timer, p, SIGVTALRM);
	cpu_itimer_init(&p->prof_timer, p, SIGPROF);
}

/* The lock is held. */
static void start(struct itimer *it, uint64_t deadline)
{
	it->expires = deadline;
	timer_arm(&it->timer, deadline);
}

void itimer_rearm(struct process *p)
{
	struct itimer *it = &p->itimer;
	uint64_t flags, now;

	if (!READ_ONCE(it->interval))
		return;
	flags = spin_lock_irqsave(&itimer_lock);
	now = clock_monotonic_ns();
	if (it->interval && it->expires <= now)
		start(it, it->expires + ((now - it->expires) / it->interval + 1) * it->interval);
	spin_unlock_irqrestore(&itimer_lock, flags);
}

void itimer_stop(struct process *p)
{
	p->itimer.interval = 0;
	timer_cancel(&p->itimer.timer);
	retimer_stop(&p->virtual_timer.timer);
	retimer_stop(&p->prof_timer.timer);
}

/* What is left; a timer that is due but whose signal still waits is about to go on. */
static struct itimer_ns remaining(const struct itimer *it)
{
	uint64_t now = clock_monotonic_ns();

	if (!it->expires || (!it->interval && it->expires <= now))
		return (struct itimer_ns){ .interval = it->interval };
	return (struct itimer_ns){ it->interval, it->expires > now ? it->expires - now : 1000 };
}

static struct itimer_ns exchange_real(const struct itimer_ns *new)
{
	struct itimer *it = &current_process()->itimer;
	uint64_t flags = spin_lock_irqsave(&itimer_lock);
	struct itimer_ns old = remaining(it);

	if (new) {
		timer_cancel(&it->timer);
		it->interval = new->interval;
		it->expires = 0;
		if (new->value)
			start(it, deadline_after(new->value));
	}
	spin_unlock_irqrestore(&itimer_lock, flags);
	return old;
}

static struct itimer_ns exchange_cpu(struct cpu_itimer *it, const struct itimer_ns *new)
{
	struct itimer_ns old;
	uint64_t flags, used;

	(void)clock_read(CLOCK_PROCESS_CPUTIME_ID, &used);
	flags = spin_lock_irqsave(&itimer_lock);
	old = (struct itimer_ns){ it->interval, cpu_itimer_left(it, used) };
	if (new)
		cpu_itimer_set(it, used, new->value, new->interval);
	spin_unlock_irqrestore(&itimer_lock, flags);
	return old;
}

/* -EINVAL: there is no such timer.  new NULL: only looks. */
static int exchange(int which, const struct itimer_ns *new, struct itimer_ns *old)
{
	struct process *p = current_process();

	switch (which) {
	case ITIMER_REAL:
		*old = exchange_real(new);
		return 0;
	case ITIMER_VIRTUAL:
		*old = exchange_cpu(&p->virtual_timer, new);
		return 0;
	case ITIMER_PROF:
		*old = exchange_cpu(&p->prof_timer, new);
		return 0;
	default:
		return -EINVAL;
	}
}

struct timeval_pair {
	struct { int64_t sec, usec; } interval, value;
};

/* Counts of microseconds that do not fit are as good as never. */
static int to_ns(uint64_t *ns, int64_t sec, int64_t usec)
{
	if (sec < 0 || usec < 0 || usec >= 1000000)
		return -EINVAL;
	*ns = (uint64_t)sec >= TIMEOUT_NEVER / 2 / NS_PER_SEC
		      ? TIMEOUT_NEVER / 2
		      : sec * NS_PER_SEC + usec * 1000;
	return 0;
}

static int pair_from_user(struct itimer_ns *to, const void __user *from, bool compat)
{
	struct compat_timeval c[2];
	struct timeval_pair u;

	if (compat) {
		if (copy_from_user(c, from, sizeof(c)))
			return -EFAULT;
		u = (struct timeval_pair){ { c[0].tv_sec, c[0].tv_usec },
					   { c[1].tv_sec, c[1].tv_usec } };
	} else if (copy_from_user(&u, from, sizeof(u))) {
		return -EFAULT;
	}
	return to_ns(&to->interval, u.interval.sec, u.interval.usec) ?:
	       to_ns(&to->value, u.value.sec, u.value.usec);
}

static int pair_to_user(void __user *to, const struct itimer_ns *from, bool compat)
{
	size_t step = compat ? sizeof(struct compat_timeval) : 16;

	return timeval_put(to, from->interval, compat) ?:
	       timeval_put((char __user *)to + step, from->value, compat);
}

static long setitimer_common(int which, const void __user *new, void __user *old, bool compat)
{
	struct itimer_ns n = { 0 }, o;
	int err;

	err = new ? pair_from_user(&n, new, compat) : 0;
	err = err ?: exchange(which, &n, &o);
	return err || !old ? err : pair_to_user(old, &o, compat);
}

static long getitimer_common(int which, void __user *to, bool compat)
{
	struct itimer_ns now;
	int err = exchange(which, NULL, &now);

	return err ?: pair_to_user(to, &now, compat);
}

SYSCALL3(setitimer, int, which, const void __user *, new, void __user *, old)
{
	return setitimer_common(which, new, old, false);
}

COMPAT_SYSCALL3(setitimer, int, which, const void __user *, new, void __user *, old)
{
	return setitimer_common(which, new, old, true);
}

SYSCALL2(getitimer, int, which, void __user *, to)
{
	return getitimer_common(which, to, false);
}

COMPAT_SYSCALL2(getitimer, int, which, void __user *, to)
{
	return getitimer_common(which, to, true);
}

/* Seconds left of the alarm before, to the nearest, and never 0 if there was one. */
SYSCALL1(alarm, unsigned, seconds)
{
	struct itimer_ns new = { .value = seconds * NS_PER_SEC }, old = exchange_real(&new);
	uint64_t rounded = (old.value + NS_PER_SEC / 2) / NS_PER_SEC;

	return old.value && !rounded ? 1 : rounded;
}

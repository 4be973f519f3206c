/* SPDX-License-Identifier: MIT */
/* timer_create, timer_settime, timer_gettime, timer_getoverrun and timer_delete, of both tables. */
#include <asm/errno.h>
#include <asm/siginfo.h>
#include <linux/time.h>
#include "kernel/mm/heap.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/clocks.h"
#include "kernel/process/compat.h"
#include "kernel/process/posix_timer.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/syscall.h"
#include "kernel/process/timespec.h"

/* struct sigevent without its padding. */
struct event {
	uint64_t value;
	int signo, notify, tid;
};

static int event_from_user(struct event *e, const void __user *from, bool compat)
{
	struct compat_sigevent c;
	struct sigevent n;

	if (compat) {
		if (copy_from_user(&c, from, sizeof(c)))
			return -EFAULT;
		*e = (struct event){ c.value, c.signo, c.notify, c.tid };
		return 0;
	}
	if (copy_from_user(&n, from, sizeof(n)))
		return -EFAULT;
	*e = (struct event){ (uintptr_t)n.sigev_value.sival_ptr, n.sigev_signo, n.sigev_notify,
			     n._sigev_un._tid };
	return 0;
}

static bool own_thread(int tid)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	struct thread *t = thread_find(tid);
	bool own = t && t->process == current_process();

	spin_unlock_irqrestore(&process_lock, flags);
	return own;
}

/* SIGEV_THREAD is a signal too: the C library's thread waits for it. */
static int check_event(const struct event *e)
{
	bool with_tid = e->notify == (SIGEV_SIGNAL | SIGEV_THREAD_ID);

	if (e->notify == SIGEV_NONE)
		return 0;
	if (!with_tid && e->notify != SIGEV_SIGNAL && e->notify != SIGEV_THREAD)
		return -EINVAL;
	if (e->signo < 1 || e->signo > SIGNALS || (with_tid && !own_thread(e->tid)))
		return -EINVAL;
	return 0;
}

static long create(int clock, const struct event *e, bool default_event, int __user *id)
{
	struct posix_timer *t = kzalloc(sizeof(*t));
	int number;

	if (!t)
		return -EAGAIN;
	posix_timer_init(t);
	t->clock = clock;
	t->silent = e->notify == SIGEV_NONE;
	t->tid = e->notify & SIGEV_THREAD_ID ? e->tid : 0;
	t->info = (struct signal_info){ .signo = e->signo, .code = SI_TIMER, .addr = e->value,
					.of_timer = true };
	number = is_cpu_clock(clock) ? cpu_clock_get(&t->cpu, clock) : 0;
	number = number ?: posix_timer_add(t, default_event);
	if (number < 0) {
		posix_timer_free(t);
		return number;
	}
	if (put_user_u32(id, number)) {
		posix_timer_remove(number);
		return -EFAULT;
	}
	return 0;
}

static long timer_create_common(int clock, const void __user *event, int __user *id, bool compat)
{
	struct event e = { .signo = SIGALRM, .notify = SIGEV_SIGNAL };
	int err = event ? event_from_user(&e, event, compat) : 0;

	err = err ?: clock_check_wait(clock);
	err = err ?: check_event(&e);
	return err ?: create(clock, &e, !event, id);
}

SYSCALL3(timer_create, int, clock, const void __user *, event, int __user *, id)
{
	return timer_create_common(clock, event, id, false);
}

COMPAT_SYSCALL3(timer_create, int, clock, const void __user *, event, int __user *, id)
{
	return timer_create_common(clock, event, id, true);
}

static size_t half(enum timespec_layout layout)
{
	return layout == TIMESPEC_32 ? sizeof(struct compat_timespec)
				     : sizeof(struct __kernel_timespec);
}

static int pair_put(char __user *to, const struct posix_timer_time *from,
		    enum timespec_layout layout)
{
	return timespec_put(to, from->interval, layout) ?:
	       timespec_put(to + half(layout), from->value, layout);
}

static long settime(int id, int flags, const char __user *new, char __user *old,
		    enum timespec_layout layout)
{
	struct posix_timer_time n, o;
	int err;

	if (!new)
		return -EINVAL;
	err = timespec_get(&n.interval, new, layout) ?:
	      timespec_get(&n.value, new + half(layout), layout);
	err = err ?: posix_timer_exchange(id, &n, flags & TIMER_ABSTIME, &o);
	return err || !old ? err : pair_put(old, &o, layout);
}

SYSCALL4(timer_settime, int, id, int, flags, const void __user *, new, void __user *, old)
{
	return settime(id, flags, new, old, TIMESPEC_64);
}

COMPAT_SYSCALL4(timer_settime, int, id, int, flags, const void __user *, new, void __user *, old)
{
	return settime(id, flags, new, old, TIMESPEC_32);
}

static long gettime(int id, void __user *to, enum timespec_layout layout)
{
	struct posix_timer_time now;
	int err = posix_timer_exchange(id, NULL, false, &now);

	return err ?: pair_put(to, &now, layout);
}

SYSCALL2(timer_gettime, int, id, void __user *, to)
{
	return gettime(id, to, TIMESPEC_64);
}

COMPAT_SYSCALL2(timer_gettime, int, id, void __user *, to)
{
	return gettime(id, to, TIMESPEC_32);
}

SYSCALL1(timer_getoverrun, int, id)
{
	return posix_timer_overrun(id);
}

SYSCALL1(timer_delete, int, id)
{
	return posix_timer_remove(id);
}

/* SPDX-License-Identifier: MIT */
/* Timeouts and signal masks of poll and select, as programs pass them. */
#include <asm/errno.h>
#include <linux/time_types.h>
#include "kernel/cpu/clock.h"
#include "kernel/fs/poll_wait.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/compat.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/timespec.h"
#include "sched/thread.h"
#include "sched/timer.h"

static bool is_timeval(enum timeout_layout layout)
{
	return layout == TIMEOUT_TIMEVAL || layout == TIMEOUT_TIMEVAL32;
}

static bool is_32bit(enum timeout_layout layout)
{
	return layout == TIMEOUT_TIMESPEC32 || layout == TIMEOUT_TIMEVAL32;
}

/* Both 64-bit structures are two words of eight bytes, both 32-bit ones two of four. */
static int fetch(const void __user *user, enum timeout_layout layout, struct __kernel_timespec *t)
{
	struct compat_timespec c;

	if (!is_32bit(layout))
		return timespec_copy(t, user);
	if (copy_from_user(&c, user, sizeof(c)))
		return -EFAULT;
	*t = (struct __kernel_timespec){ c.tv_sec, c.tv_nsec };
	return 0;
}

int timeout_get(const void __user *user, enum timeout_layout layout, uint64_t *deadline)
{
	struct __kernel_timespec t;
	uint64_t now;

	*deadline = TIMEOUT_NEVER;
	if (!user)
		return 0;
	if (fetch(user, layout, &t))
		return -EFAULT;
	if (is_timeval(layout) && t.tv_nsec >= 0) {
		t.tv_sec += t.tv_nsec / 1000000;
		t.tv_nsec = t.tv_nsec % 1000000 * 1000;
	}
	if (t.tv_sec < 0 || (uint64_t)t.tv_nsec >= NS_PER_SEC)
		return -EINVAL;
	now = clock_monotonic_ns();
	if (!t.tv_sec && !t.tv_nsec)
		*deadline = POLL_NOW;
	else if ((uint64_t)t.tv_sec < (TIMEOUT_NEVER - now) / NS_PER_SEC - 1)
		*deadline = now + t.tv_sec * NS_PER_SEC + t.tv_nsec;
	return 0;
}

void timeout_put(void __user *user, enum timeout_layout layout, uint64_t deadline)
{
	uint64_t now = clock_monotonic_ns(), left = deadline > now ? deadline - now : 0;
	struct __kernel_timespec t = { left / NS_PER_SEC, left % NS_PER_SEC };
	struct compat_timespec c;

	if (!user || deadline == TIMEOUT_NEVER)
		return;
	if (is_timeval(layout))
		t.tv_nsec /= 1000;
	c = (struct compat_timespec){ t.tv_sec, t.tv_nsec };
	if (is_32bit(layout))
		(void)copy_to_user(user, &c, sizeof(c));
	else
		(void)copy_to_user(user, &t, sizeof(t));
}

int temporary_mask_begin(struct temporary_mask *m, const void __user *mask, size_t size)
{
	uint64_t blocked;

	*m = (struct temporary_mask){ 0 };
	if (!mask)
		return 0;
	if (size != sizeof(sigmask_t))
		return -EINVAL;
	if (get_user_u64(&blocked, mask))
		return -EFAULT;
	*m = (struct temporary_mask){ .on = true, .saved = current_thread()->sig.blocked };
	signal_set_blocked(blocked);
	return 0;
}

void temporary_mask_end(const struct temporary_mask *m, long ret)
{
	struct thread *t = current_thread();

	if (!m->on)
		return;
	if (ret == -ERESTARTNOHAND) {
		t->sig.saved_mask = m->saved;
		t->sig.restore_mask = true;
	} else {
		signal_set_blocked(m->saved);
	}
}

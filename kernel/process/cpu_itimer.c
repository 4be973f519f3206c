/* SPDX-License-Identifier: MIT */
/*
 * ITIMER_VIRTUAL and ITIMER_PROF: interval timers on the CPU time of a process.  Both count the
 * same, for the kernel does not tell user time from its own.  kernel/process/cpu_clock.c tells
 * how one waits for CPU time.
 */
#include <asm/siginfo.h>
#include "kernel/cpu/clock.h"
#include "kernel/process/cpu_itimer.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/signal_internal.h"

/* process_lock held: the time has come. */
static void expire(struct cpu_itimer *it, uint64_t used)
{
	struct signal_info info = { .signo = it->signo, .code = SI_KERNEL };

	(void)signal_send_process(it->clock.process, &info);
	WRITE_ONCE(it->expires, !it->interval ? 0 :
		   it->expires + ((used - it->expires) / it->interval + 1) * it->interval);
}

static void fire(struct retimer *timer)
{
	struct cpu_itimer *it = container_of(timer, struct cpu_itimer, timer);
	uint64_t flags = spin_lock_irqsave(&process_lock);
	uint64_t used, look;

	(void)cpu_clock_used(&it->clock, &used);
	if (used >= it->expires)
		expire(it, used);
	look = cpu_clock_look(&it->clock, used, it->expires - used);
	spin_unlock_irqrestore(&process_lock, flags);
	if (it->expires)
		retimer_again(timer, look);
}

void cpu_itimer_init(struct cpu_itimer *it, struct process *p, int signo)
{
	*it = (struct cpu_itimer){ .clock.process = p, .signo = signo };
	retimer_init(&it->timer, fire);
}

uint64_t cpu_itimer_left(const struct cpu_itimer *it, uint64_t used)
{
	uint64_t expires = READ_ONCE(it->expires);

	if (!expires)
		return 0;
	return expires > used ? expires - used : 1000;	/* due, but not seen yet */
}

void cpu_itimer_set(struct cpu_itimer *it, uint64_t used, uint64_t value, uint64_t interval)
{
	retimer_stop(&it->timer);
	it->interval = interval;
	it->expires = value ? used + value : 0;
	if (value)
		retimer_start(&it->timer, clock_monotonic_ns() + CPU_CLOCK_LOOK_NS);
}

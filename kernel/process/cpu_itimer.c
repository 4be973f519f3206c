/* SPDX-License-Identifier: MIT */
/*
 * ITIMER_VIRTUAL and ITIMER_PROF: interval timers on the CPU time of a process.  Both count the
 * same, for the kernel does not tell user time from its own.
 *
 * CPU time has no alarm clock.  It cannot grow faster than real time on the CPUs that the threads
 * may have; so a timer on real time comes when the process could have used that much at the
 * earliest, looks, and is armed for the rest.
 */
#include <asm/siginfo.h>
#include "kernel/cpu/clock.h"
#include "kernel/cpu/percpu.h"
#include "kernel/process/cpu_itimer.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/timespec.h"

#define SHORTEST_LOOK_NS 1000000ull	/* as fine as a tick of Linux's */

/* process_lock held. */
static uint64_t time_to_look(const struct cpu_itimer *it, uint64_t used)
{
	unsigned at_once = MIN(it->process->nthreads, cpu_count);

	at_once = MAX(at_once, 1u);
	return clock_monotonic_ns() + MAX((it->expires - used) / at_once, SHORTEST_LOOK_NS);
}

/* process_lock held: the time has come. */
static void expire(struct cpu_itimer *it, uint64_t used)
{
	struct signal_info info = { .signo = it->signo, .code = SI_KERNEL };

	(void)signal_send_process(it->process, &info);
	WRITE_ONCE(it->expires, !it->interval ? 0 :
		   it->expires + ((used - it->expires) / it->interval + 1) * it->interval);
}

static void fire(struct retimer *timer)
{
	struct cpu_itimer *it = container_of(timer, struct cpu_itimer, timer);
	uint64_t flags = spin_lock_irqsave(&process_lock);
	uint64_t used = process_runtime_ns(it->process), look;

	if (used >= it->expires)
		expire(it, used);
	look = time_to_look(it, used);
	spin_unlock_irqrestore(&process_lock, flags);
	if (it->expires)
		retimer_again(timer, look);
}

void cpu_itimer_init(struct cpu_itimer *it, struct process *p, int signo)
{
	*it = (struct cpu_itimer){ .process = p, .signo = signo };
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
		retimer_start(&it->timer, clock_monotonic_ns() + SHORTEST_LOOK_NS);
}

/* SPDX-License-Identifier: MIT */
/*
 * Timers.  Each CPU has a tree of deadlines and, apart from it, the end of the running
 * time slice; its LAPIC is armed for the earlier of the two, and not at all when there is neither.
 */
#include "kernel/cpu/apic.h"
#include "kernel/cpu/clock.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "sched/runqueue.h"
#include "sched/timer.h"

RB_HEAD(timer_tree, timer);

struct timer_queue {
	struct spinlock lock;		/* RANK_TIMER, irq: tree, firing */
	struct timer_tree tree;
	struct timer *firing;		/* its function is running now */
	uint64_t earliest;		/* first deadline of the tree, or TIMEOUT_NEVER */
	uint64_t slice;			/* own CPU only, interrupts off */
	uint64_t armed_for;		/* own CPU only, interrupts off; when the LAPIC will fire */
};

static struct timer_queue queues[MAX_CPUS] = {
	[0 ... MAX_CPUS - 1] = { .lock = SPINLOCK("timer", RANK_TIMER),
				 .earliest = TIMEOUT_NEVER,
				 .slice = TIMEOUT_NEVER,
				 .armed_for = TIMEOUT_NEVER },
};

static int timer_order(struct timer *a, struct timer *b)
{
	if (a->deadline != b->deadline)
		return a->deadline < b->deadline ? -1 : 1;
	return a < b ? -1 : a > b;
}

RB_GENERATE_INTERNAL(timer_tree, timer, node, timer_order, static __attribute__((unused)))

/*
 * Own CPU, interrupts off.  A LAPIC that is armed too early is harmless (timer_interrupt re-arms),
 * so a deadline that went away does not touch the device.
 */
static void program(struct timer_queue *q)
{
	uint64_t next = MIN(READ_ONCE(q->earliest), q->slice);
	uint64_t now;

	if (next >= q->armed_for)
		return;
	q->armed_for = next;
	now = clock_monotonic_ns();
	apic_timer_arm(next > now ? next - now : 1);
}

static void note_earliest(struct timer_queue *q)
{
	struct timer *first = RB_MIN(timer_tree, &q->tree);

	WRITE_ONCE(q->earliest, first ? first->deadline : TIMEOUT_NEVER);
}

void timer_arm(struct timer *t, uint64_t deadline_ns)
{
	struct timer_queue *q;
	uint64_t flags;

	timer_cancel(t);
	flags = irq_save();
	t->deadline = deadline_ns;
	t->cpu = this_cpu(cpu);
	q = &queues[t->cpu];
	spin_lock(&q->lock);
	t->armed = true;
	RB_INSERT(timer_tree, &q->tree, t);
	note_earliest(q);
	spin_unlock(&q->lock);
	program(q);
	irq_restore(flags);
}

void timer_cancel(struct timer *t)
{
	struct timer_queue *q = &queues[t->cpu];
	uint64_t flags;
	bool firing;

	do {
		flags = spin_lock_irqsave(&q->lock);
		if (t->armed) {
			RB_REMOVE(timer_tree, &q->tree, t);
			t->armed = false;
			note_earliest(q);
		}
		firing = q->firing == t;
		spin_unlock_irqrestore(&q->lock, flags);
		if (firing)
			cpu_relax();
	} while (firing);
}

/* Takes the first timer whose time has come off the tree; NULL: none. */
static struct timer *take_expired(struct timer_queue *q, uint64_t now)
{
	struct timer *t;

	spin_lock(&q->lock);
	t = RB_MIN(timer_tree, &q->tree);
	if (t && t->deadline <= now) {
		RB_REMOVE(timer_tree, &q->tree, t);
		t->armed = false;
		note_earliest(q);
	} else {
		t = NULL;
	}
	q->firing = t;
	spin_unlock(&q->lock);
	return t;
}

void timer_interrupt(void)
{
	struct timer_queue *q = &queues[this_cpu(cpu)];
	struct timer *t;

	q->armed_for = TIMEOUT_NEVER;
	while ((t = take_expired(q, clock_monotonic_ns())))
		t->fire(t);
	if (q->slice <= clock_monotonic_ns())
		sched_tick();
	program(q);
}

void timer_set_slice(uint64_t deadline_ns)
{
	struct timer_queue *q = &queues[this_cpu(cpu)];

	q->slice = deadline_ns;
	program(q);
}

struct sleep_timer {
	struct timer timer;
	struct thread *thread;
};

static void wake_sleeper(struct timer *t)
{
	thread_wake(container_of(t, struct sleep_timer, timer)->thread, THREAD_SLEEPING_HARD);
}

bool schedule_until(uint64_t deadline_ns)
{
	struct sleep_timer s;

	if (deadline_ns == TIMEOUT_NEVER) {
		schedule();
		return false;
	}
	s = (struct sleep_timer){
		.timer = { .fire = wake_sleeper, .cpu = this_cpu(cpu) },
		.thread = current_thread(),
	};
	timer_arm(&s.timer, deadline_ns);
	schedule();
	timer_cancel(&s.timer);
	return clock_monotonic_ns() >= deadline_ns;
}

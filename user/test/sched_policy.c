/* SPDX-License-Identifier: MIT */
/*
 * SCHED_FIFO, SCHED_RR and nice values, on one CPU: what is refused, what is inherited, who runs
 * before whom.
 */
#include "user/lib/clock.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

static struct {
	volatile int go, ran;			/* futex words */
	volatile unsigned long count[2];
	volatile unsigned turns;
	volatile char order[64];
	volatile int stop;
} *shared;

static long set_policy(pid_t pid, int policy, int priority)
{
	return SYS(sched_setscheduler, pid, policy, &priority);
}

static int get_priority(void)
{
	int priority = -1;

	SYS(sched_getparam, 0, &priority);
	return priority;
}

static void pin(void)
{
	unsigned long mask[16] = { 1 };

	SYS(sched_setaffinity, 0, sizeof(mask), mask);
}

static void spin_ms(unsigned ms)
{
	int64_t end = clock_ms(CLOCK_MONOTONIC) + ms;

	while (clock_ms(CLOCK_MONOTONIC) < end)
		;
}

static int reports_policy(void *unused)
{
	(void)unused;
	return (int)SYS(sched_getscheduler, 0) * 16 + get_priority();
}

static void set_and_get(void)
{
	if (!may_raise_priority())
		return;
	expect_eq("policy at first", SYS(sched_getscheduler, 0), SCHED_NORMAL);
	expect_eq("FIFO 7", set_policy(0, SCHED_FIFO, 7), 0);
	expect_eq("policy", SYS(sched_getscheduler, 0), SCHED_FIFO);
	expect_eq("priority", get_priority(), 7);
	expect_status("a child has it too", child_run(reports_policy, NULL),
		      EXITED(SCHED_FIFO * 16 + 7));
	expect_eq("sched_setparam 9", SYS(sched_setparam, 0, &(int){ 9 }), 0);
	expect_eq("priority", get_priority(), 9);
	expect_eq("RR, children not", set_policy(0, SCHED_RR | SCHED_RESET_ON_FORK, 3), 0);
	expect_hex("policy", (unsigned long)SYS(sched_getscheduler, 0),
		   SCHED_RR | SCHED_RESET_ON_FORK);
	expect_status("the child is ordinary", child_run(reports_policy, NULL), EXITED(0));
	expect_eq("BATCH", set_policy(0, SCHED_BATCH, 0), 0);
	expect_eq("policy", SYS(sched_getscheduler, 0), SCHED_BATCH);
	expect_eq("OTHER", set_policy(0, SCHED_NORMAL, 0), 0);
}

static void refused(void)
{
	expect_error("FIFO 0", set_policy(0, SCHED_FIFO, 0), EINVAL);
	expect_error("RR 100", set_policy(0, SCHED_RR, 100), EINVAL);
	expect_error("FIFO -1", set_policy(0, SCHED_FIFO, -1), EINVAL);
	expect_error("OTHER 1", set_policy(0, SCHED_NORMAL, 1), EINVAL);
	expect_error("policy 99", set_policy(0, 99, 1), EINVAL);
	expect_error("policy -1", set_policy(0, -1, 0), EINVAL);
	expect_error("nobody", set_policy(0x3ffffff, SCHED_FIFO, 1), ESRCH);
	expect_error("pid -1", set_policy(-1, SCHED_FIFO, 1), EINVAL);
	expect_error("no parameter", SYS(sched_setscheduler, 0, SCHED_FIFO, NULL), EINVAL);
	expect_error("bad address", SYS(sched_setscheduler, 0, SCHED_FIFO, 16), EFAULT);
	expect_error("sched_setparam 1 of OTHER", SYS(sched_setparam, 0, &(int){ 1 }), EINVAL);
	expect_eq("policy afterwards", SYS(sched_getscheduler, 0), SCHED_NORMAL);
	expect_eq("highest", SYS(sched_get_priority_max, SCHED_FIFO), 99);
	expect_eq("lowest", SYS(sched_get_priority_min, SCHED_RR), 1);
}

static int counts(void *number)
{
	while (!shared->stop)
		shared->count[(unsigned long)number]++;
	return 0;
}

static void fifo_before_other(void)
{
	unsigned long before;
	pid_t pid;

	if (!may_raise_priority())
		return;
	memset(shared, 0, sizeof(*shared));
	pid = child_start(counts, (void *)0);
	for (unsigned tries = 0; tries < 500 && !shared->count[0]; tries++)
		sleep_ms(20);
	expect_true("the other one runs while we sleep", shared->count[0]);
	set_policy(0, SCHED_FIFO, 1);
	before = shared->count[0];
	spin_ms(30);
	SYS(sched_yield);
	expect_eq("its progress while we spin", (long)(shared->count[0] - before), 0);
	shared->stop = 1;
	set_policy(0, SCHED_NORMAL, 0);
	child_wait(pid);
}

/* Waits on a futex word, then says that it ran. */
static int waits(void *priority)
{
	set_policy(0, SCHED_FIFO, (int)(long)priority);
	futex_wait((int *)&shared->go, 0);
	shared->ran = 1;
	return 0;
}

/* Did a waiter of that priority run before our wake-up call returned? */
static int ran_at_wake(long priority)
{
	pid_t pid;
	int ran;

	memset(shared, 0, sizeof(*shared));
	pid = child_start(waits, (void *)priority);
	child_wait_asleep(pid);
	shared->go = 1;
	futex_wake((int *)&shared->go, 1);
	ran = shared->ran;
	child_wait(pid);
	return ran;
}

static void wake_preempts(void)
{
	if (!may_raise_priority())
		return;
	expect_eq("FIFO 1, woken by OTHER", ran_at_wake(1), 1);
	set_policy(0, SCHED_FIFO, 5);
	expect_eq("FIFO 6, woken by FIFO 5", ran_at_wake(6), 1);
	expect_eq("FIFO 5, woken by FIFO 5", ran_at_wake(5), 0);
	expect_eq("FIFO 4, woken by FIFO 5", ran_at_wake(4), 0);
	set_policy(0, SCHED_NORMAL, 0);
}

static int says_ran(void *unused)
{
	(void)unused;
	shared->ran = 1;
	return 0;
}

static void promotion_preempts(void)
{
	pid_t pid;

	if (!may_raise_priority())
		return;
	memset(shared, 0, sizeof(*shared));
	set_policy(0, SCHED_FIFO | SCHED_RESET_ON_FORK, 5);
	pid = child_start(says_ran, NULL);
	expect_eq("an ordinary child waits", shared->ran, 0);
	set_policy(pid, SCHED_FIFO, 5);
	expect_eq("an equal one too", shared->ran, 0);
	set_policy(pid, SCHED_FIFO, 6);
	expect_eq("a better one does not", shared->ran, 1);
	set_policy(0, SCHED_NORMAL, 0);
	child_wait(pid);
}

static int takes_turns(void *letter)
{
	for (unsigned i = 0; i < 10; i++) {
		shared->order[shared->turns++] = (char)(long)letter;
		SYS(sched_yield);
	}
	return 0;
}

static void yield_alternates(void)
{
	pid_t pids[2];

	memset(shared, 0, sizeof(*shared));
	set_policy(0, SCHED_FIFO, 5);
	pids[0] = child_start(takes_turns, (void *)'a');
	pids[1] = child_start(takes_turns, (void *)'b');
	child_wait(pids[0]);
	child_wait(pids[1]);
	set_policy(0, SCHED_NORMAL, 0);
	expect_string("order", (const char *)shared->order, "abababababababababab");
}

/* Two that count, of that policy and those nice values, for so long. */
static void compete(int policy, int nice, unsigned ms)
{
	pid_t pids[2];

	memset(shared, 0, sizeof(*shared));
	set_policy(0, SCHED_FIFO, 50);
	for (unsigned long i = 0; i < 2; i++) {
		pids[i] = child_start(counts, (void *)i);
		set_policy(pids[i], policy, policy == SCHED_NORMAL ? 0 : 1);
	}
	SYS(setpriority, 0, pids[1], nice);
	sleep_ms(ms);
	shared->stop = 1;
	set_policy(0, SCHED_NORMAL, 0);
	child_wait(pids[0]);
	child_wait(pids[1]);
	note("counts %lu and %lu", shared->count[0], shared->count[1]);
}

static void slices(void)
{
	struct __kernel_old_timespec t = { 1, 1 };

	if (!may_raise_priority())
		return;
	compete(SCHED_RR, 0, 400);
	expect_true("RR: both make progress", shared->count[0] && shared->count[1]);
	set_policy(0, SCHED_RR, 1);
	expect_eq("sched_rr_get_interval", SYS(sched_rr_get_interval, 0, &t), 0);
	expect_true("a slice", t.tv_nsec > 0);
	set_policy(0, SCHED_FIFO, 1);
	SYS(sched_rr_get_interval, 0, &t);
	expect_eq("none with FIFO", t.tv_sec + t.tv_nsec, 0);
	set_policy(0, SCHED_NORMAL, 0);
}

static bool first_got_more(void)
{
	return shared->count[0] > shared->count[1] / 2 * 3;
}

/*
 * Where the host is loaded, an emulated timer comes late and short slices become long: once more.
 */
static void nice_values(void)
{
	for (unsigned tries = 0; tries < 5 && (!tries || !first_got_more()); tries++)
		compete(SCHED_NORMAL, 19, 400);
	expect_true("nice 0 gets much more than nice 19", first_got_more());
	expect_true("which gets something", shared->count[1]);
}

static const struct test_case cases[] = {
	{ "set and get", set_and_get },
	{ "refused", refused },
	{ "FIFO runs before OTHER", fifo_before_other },
	{ "a wake-up preempts", wake_preempts },
	{ "a promotion preempts", promotion_preempts },
	{ "yield alternates", yield_alternates },
	{ "slices of RR", slices },
	{ "nice values", nice_values },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	pin();
	shared = map_shared(PAGE);
	return RUN_CASES(cases);
}

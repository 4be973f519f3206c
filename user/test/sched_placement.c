/* SPDX-License-Identifier: MIT */
/*
 * A SCHED_FIFO thread that computes keeps nobody waiting who may run on another CPU.  It computes
 * until that one has got on, so nothing here depends on speed.
 */
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define PATIENCE_S 20

static volatile int *shared;
#define READY    shared[0]	/* a child is where it should be */
#define GO       shared[1]	/* a futex word */
#define PROGRESS shared[2]	/* what the kept one has done */
#define STOP     shared[3]
#define STARVED  shared[4]	/* the FIFO thread gave up */
#define ON_SECOND shared[5]	/* somebody ran on the second CPU */

static unsigned long allowed[16];
static unsigned cpu[3], cpus;	/* the first three that we may use; how many there are of those */

static void find_cpus(void)
{
	SYS(sched_getaffinity, 0, sizeof(allowed), allowed);
	for (unsigned c = 0; c < 128 && cpus < COUNT(cpu); c++)
		if (allowed[c / (8 * sizeof(long))] >> c % (8 * sizeof(long)) & 1)
			cpu[cpus++] = c;
}

static void allow_all(pid_t pid)
{
	SYS(sched_setaffinity, pid, sizeof(allowed), allowed);
}

/* The nth CPU and, if not the same, the mth. */
static void allow(pid_t pid, unsigned n, unsigned m)
{
	unsigned long mask[16] = { 0 };

	mask[cpu[n] / (8 * sizeof(long))] |= 1ul << cpu[n] % (8 * sizeof(long));
	mask[cpu[m] / (8 * sizeof(long))] |= 1ul << cpu[m] % (8 * sizeof(long));
	SYS(sched_setaffinity, pid, sizeof(mask), mask);
}

static void become_fifo(int priority)
{
	expect_eq("FIFO", SYS(sched_setscheduler, 0, SCHED_FIFO, &priority), 0);
}

static long seconds(void)
{
	struct __kernel_old_timespec t = { 0, 0 };

	SYS(clock_gettime, 1, &t);
	return t.tv_sec;
}

static void compute_until_progress(int wanted)
{
	long end = seconds() + PATIENCE_S;

	while (PROGRESS < wanted && !STARVED)
		STARVED = seconds() > end;
}

static bool several_cpus(unsigned n)
{
	memset((void *)shared, 0, PAGE);
	if (cpus < n)
		note("%u CPUs: nothing to see", cpus);
	return cpus >= n;
}

/* SCHED_FIFO, last ran on the first CPU, sleeps; woken, it computes. */
static int computes_when_woken(void *free_to_move)
{
	allow(0, 0, 0);
	become_fifo(50);
	if (free_to_move)
		allow_all(0);
	futex_wait((int *)&GO, 0);
	compute_until_progress(1);
	return 0;
}

/*
 * The waker is on the FIFO thread's CPU; the others have been idle for so long that no timer will
 * make them look for work.
 */
static void waker_goes_on(void *fifo_is_free)
{
	pid_t pid;

	if (!several_cpus(2))
		return;
	allow(0, 0, 0);
	pid = child_start(computes_when_woken, fifo_is_free);
	child_wait_asleep(pid);
	sleep_ms(50);
	allow_all(0);
	GO = 1;
	futex_wake((int *)&GO, 1);
	PROGRESS = 1;
	child_wait(pid);
	expect_eq("the waker stood still", STARVED, 0);
}

static void woken_goes_elsewhere(void)
{
	if (!may_raise_priority())
		return;
	waker_goes_on(&cpus);
}

static void preempted_goes_elsewhere(void)
{
	if (!may_raise_priority())
		return;
	waker_goes_on(NULL);
}

static int counts_on_second(void *unused)
{
	(void)unused;
	allow(0, 1, 1);
	while (!STOP)
		READY = 1;
	return 0;
}

static int sleeps_and_counts(void *unused)
{
	(void)unused;
	allow(0, 0, 0);
	allow_all(0);
	GO = 1;
	while (!STOP) {
		sleep_ms(2);
		PROGRESS++;
	}
	return 0;
}

/* The second CPU has work, but of no higher level. */
static void sleeper_goes_where_it_gets_turns(void)
{
	pid_t other, sleeper;

	if (!may_raise_priority())
		return;
	if (!several_cpus(2))
		return;
	other = child_start(counts_on_second, NULL);
	wait_for_value(&READY, 1, PATIENCE_S);
	sleeper = child_start(sleeps_and_counts, NULL);
	wait_for_value(&GO, 1, PATIENCE_S);
	allow(0, 0, 0);
	become_fifo(50);
	PROGRESS = 0;
	compute_until_progress(5);
	STOP = 1;
	SYS(sched_setscheduler, 0, SCHED_NORMAL, &(int){ 0 });
	allow_all(0);
	child_wait(other);
	child_wait(sleeper);
	expect_eq("the sleeper got no turns", STARVED, 0);
}

static int progresses(void *unused)
{
	(void)unused;
	PROGRESS = 1;
	return 0;
}

/* A child that waits behind us is allowed the second CPU instead. */
static void moved_while_it_waits(void)
{
	pid_t pid;

	if (!may_raise_priority())
		return;
	if (!several_cpus(2))
		return;
	allow(0, 0, 0);
	sleep_ms(50);
	SYS(sched_setscheduler, 0, SCHED_FIFO | SCHED_RESET_ON_FORK, &(int){ 50 });
	pid = child_start(progresses, NULL);
	expect_eq("it waits", PROGRESS, 0);
	allow(pid, 1, 1);
	compute_until_progress(1);
	SYS(sched_setscheduler, 0, SCHED_NORMAL, &(int){ 0 });
	allow_all(0);
	child_wait(pid);
	expect_eq("it stood still", STARVED, 0);
}

static int tells_second(void *unused)
{
	unsigned here;

	(void)unused;
	while (!STOP) {
		SYS(getcpu, &here, NULL, NULL);
		if (here == cpu[1])
			ON_SECOND = 1;
	}
	return 0;
}

/* Four on the first CPU, one on the second, none on the third, where the four may not go. */
static void work_for_the_second_emptiest(void)
{
	pid_t other, pid[4];

	if (!may_raise_priority())
		return;
	if (!several_cpus(3))
		return;
	other = child_start(counts_on_second, NULL);
	wait_for_value(&READY, 1, PATIENCE_S);
	allow(0, 0, 0);
	for (unsigned i = 0; i < COUNT(pid); i++)
		pid[i] = child_start(tells_second, NULL);
	allow(0, 2, 2);
	for (unsigned i = 0; i < COUNT(pid); i++)
		allow(pid[i], 0, 1);
	expect_true("one of them went there", wait_for_value(&ON_SECOND, 1, PATIENCE_S));
	STOP = 1;
	for (unsigned i = 0; i < COUNT(pid); i++)
		child_wait(pid[i]);
	child_wait(other);
	allow_all(0);
}

static const struct test_case cases[] = {
	{ "a woken FIFO thread leaves its waker alone", woken_goes_elsewhere },
	{ "who is preempted goes elsewhere", preempted_goes_elsewhere },
	{ "a sleeper wakes up where it gets turns", sleeper_goes_where_it_gets_turns },
	{ "who waits is moved by a new mask", moved_while_it_waits },
	{ "the second emptiest CPU gets work", work_for_the_second_emptiest },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	find_cpus();
	shared = map_shared(PAGE);
	return RUN_CASES(cases);
}

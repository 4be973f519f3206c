/* SPDX-License-Identifier: MIT */
/*
 * CPU time as a clock (clock_getcpuclockid(3), pthread_getcpuclockid(3)): reading it, timers and
 * sleeps on it, of this process, its threads and others.  Nothing depends on how fast it goes: what
 * uses it goes on until it is told to stop.
 */
#include "user/lib/clock.h"
#include "user/lib/handler.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"
#include "user/test/posix_timers.h"

#define OF_PROCESS(pid) ((int)(~(unsigned)(pid) << 3 | 2))
#define OF_THREAD(tid)  ((int)(~(unsigned)(tid) << 3 | 6))
#define FOR_EVER        (100000ll * MS)

static volatile int signals, codes, stop_spinning;

static void count(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)uc;
	codes = info->si_code;
	signals++;
}

static long reads(int clock)
{
	struct __kernel_old_timespec t;

	return SYS(clock_gettime, clock, &t);
}

/* A minute of CPU time is for ever. */
static void spin_until(int wanted)
{
	long long start = clock_ns(CLOCK_PROCESS_CPUTIME_ID);

	while (signals < wanted && clock_ns(CLOCK_PROCESS_CPUTIME_ID) - start < 60000ll * MS)
		for (volatile unsigned i = 0; i < 100000 && signals < wanted; i++)
			;
}

static void use(long long ns)
{
	long long start = clock_ns(CLOCK_THREAD_CPUTIME_ID);

	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) - start < ns)
		;
}

static void spins(void *unused)
{
	(void)unused;
	while (!stop_spinning)
		;
}

static int child_spins(void *unused)
{
	spins(unused);
	return 0;
}

static void numbers(void)
{
	int me = self_pid(), ended = child_start(sleep_for_ever, NULL);

	for (int kind = 0; kind < 3; kind++) {
		expect_eq("process", reads((int)(~(unsigned)me << 3) | kind), 0);
		expect_eq("thread", reads((int)(~(unsigned)me << 3) | 4 | kind), 0);
		expect_eq("process 0", reads((int)(~0u << 3) | kind), 0);
		expect_eq("thread 0", reads((int)(~0u << 3) | 4 | kind), 0);
	}
	expect_error("no kind", reads((int)(~(unsigned)me << 3) | 7), EINVAL);
	expect_eq("a child", reads(OF_PROCESS(ended)), 0);
	expect_error("another's thread", reads(OF_THREAD(ended)), EINVAL);
	expect_error("timer on it", create(OF_THREAD(ended), SIGEV_NONE, 0, 0), EINVAL);
	expect_error("set", SYS(clock_settime, OF_PROCESS(me), &((long[2]){ 1, 0 })), EPERM);
	expect_error("set from 16", SYS(clock_settime, OF_PROCESS(me), 16), EFAULT);
	SYS(kill, ended, SIGKILL);
	child_wait(ended);
	expect_error("a child that has ended", reads(OF_PROCESS(ended)), EINVAL);
	expect_error("timer on it", create(OF_PROCESS(ended), SIGEV_NONE, 0, 0), EINVAL);
	expect_error("set", SYS(clock_settime, OF_PROCESS(ended), &((long[2]){ 1, 0 })), EINVAL);
	expect_error("timer on a file's", create(-5, SIGEV_NONE, 0, 0), EOPNOTSUPP);
}

static void fires_on(int clock)
{
	int id = create(clock, SIGEV_SIGNAL, SIGUSR1, 0);
	long long start = clock_ns(clock);
	struct setting left;

	signals = 0;
	expect_true("timer_create", id >= 0);
	expect_eq("timer_settime", set(id, 0, 10 * MS, 0, NULL), 0);
	spin_until(1);
	expect_eq("signals", signals, 1);
	expect_eq("si_code", codes, SI_TIMER);
	expect_true("not before its time", clock_ns(clock) - start >= 10 * MS);
	expect_eq("timer_gettime", SYS_NR(NR_GETTIME, id, &left), 0);
	expect_true("nothing is left", !left.value.sec && !left.value.nsec);
	expect_eq("absolute, past", set(id, TIMER_ABSTIME, 1, 0, NULL), 0);
	spin_until(2);
	expect_eq("it fires again", signals, 2);
	expect_eq("timer_delete", SYS(timer_delete, id), 0);
}

static void timers(void)
{
	fires_on(CLOCK_PROCESS_CPUTIME_ID);
	fires_on(CLOCK_THREAD_CPUTIME_ID);
	fires_on(OF_PROCESS(self_pid()));
	fires_on(OF_THREAD(self_pid()));
}

static void periods(void)
{
	const uint64_t usr1 = SIGNAL_BIT(SIGUSR1);
	const struct __kernel_old_timespec long_time = { 60, 0 };
	int id = create(CLOCK_THREAD_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR1, 0);

	signals = 0;
	set(id, 0, 2 * MS, 2 * MS, NULL);
	spin_until(5);
	expect_true("five periods", signals >= 5);
	signal_mask(SIG_BLOCK, usr1, NULL);
	use(30 * MS);
	expect_eq("its signal", SYS(rt_sigtimedwait, &usr1, NULL, &long_time, 8), SIGUSR1);
	expect_true("overruns", SYS(timer_getoverrun, id) >= 5);
	signal_set(SIGUSR1, SIG_IGN);
	signal_mask(SIG_UNBLOCK, usr1, NULL);
	use(10 * MS);
	signals = 0;
	handle(SIGUSR1, count, 0);
	spin_until(3);
	expect_true("it goes on after SIG_IGN", signals >= 3);
	SYS(timer_delete, id);
}

/* Time in which nobody runs is none. */
static void asleep(void)
{
	int id = create(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR1, 0);
	long long start = clock_ns(CLOCK_PROCESS_CPUTIME_ID), gone;
	struct setting left;

	signals = 0;
	set(id, 0, FOR_EVER, 0, NULL);
	sleep_ms(100);
	SYS_NR(NR_GETTIME, id, &left);
	gone = FOR_EVER - left.value.sec * 1000000000ll - left.value.nsec;
	expect_true("what was used",
		    gone >= 0 && gone <= clock_ns(CLOCK_PROCESS_CPUTIME_ID) - start);
	expect_eq("signals", signals, 0);
	SYS(timer_delete, id);
}

/* The thread runs elsewhere, maybe alone on a CPU, where nothing interrupts it. */
static void by_another_thread(void)
{
	const uint64_t usr1 = SIGNAL_BIT(SIGUSR1);
	const struct __kernel_old_timespec long_time = { 60, 0 };
	int id = create(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR1, 0), mine, its;
	struct thread t;
	struct setting left;

	signal_mask(SIG_BLOCK, usr1, NULL);
	stop_spinning = 0;
	mine = create(CLOCK_THREAD_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR2, 0);
	set(mine, 0, FOR_EVER, 0, NULL);
	if (!expect_ok("clone", thread_start(&t, spins, NULL)))
		return;
	its = create(OF_THREAD(t.tid), SIGEV_SIGNAL, SIGUSR1, 0);
	set(id, 0, 20 * MS, 0, NULL);
	expect_eq("the process's time", SYS(rt_sigtimedwait, &usr1, NULL, &long_time, 8), SIGUSR1);
	set(its, 0, 20 * MS, 0, NULL);
	expect_eq("the thread's time", SYS(rt_sigtimedwait, &usr1, NULL, &long_time, 8), SIGUSR1);
	SYS_NR(NR_GETTIME, mine, &left);
	expect_true("mine has hardly gone on", left.value.sec >= FOR_EVER / 1000000000 - 20);
	set(its, 0, FOR_EVER, 0, NULL);
	stop_spinning = 1;
	thread_join(&t);
	expect_eq("a timer on a thread that has ended", SYS(timer_delete, its), 0);
	SYS(timer_delete, id);
	SYS(timer_delete, mine);
	signal_mask(SIG_UNBLOCK, usr1, NULL);
}

static long sleep_on(int clock, int flags, long long ns)
{
	struct __kernel_old_timespec t = { (long)(ns / 1000000000), (long)(ns % 1000000000) };

	return SYS(clock_nanosleep, clock, flags, &t, NULL);
}

static void of_another_process(void)
{
	const uint64_t usr1 = SIGNAL_BIT(SIGUSR1);
	const struct __kernel_old_timespec long_time = { 60, 0 };
	long long start;
	pid_t pid;
	int id;

	stop_spinning = 0;
	signal_mask(SIG_BLOCK, usr1, NULL);
	pid = child_start(child_spins, NULL);
	id = create(OF_PROCESS(pid), SIGEV_SIGNAL, SIGUSR1, 0);
	set(id, 0, 20 * MS, 0, NULL);
	expect_eq("a timer", SYS(rt_sigtimedwait, &usr1, NULL, &long_time, 8), SIGUSR1);
	start = clock_ns(OF_PROCESS(pid));
	expect_eq("a sleep", sleep_on(OF_PROCESS(pid), 0, 20 * MS), 0);
	expect_true("long enough", clock_ns(OF_PROCESS(pid)) - start >= 20 * MS);
	start = clock_ns(OF_PROCESS(pid)) + 20 * MS;
	expect_eq("until then", sleep_on(OF_PROCESS(pid), TIMER_ABSTIME, start), 0);
	expect_true("it is then", clock_ns(OF_PROCESS(pid)) >= start);
	set(id, 0, FOR_EVER, 0, NULL);
	SYS(kill, pid, SIGKILL);
	child_wait(pid);
	expect_eq("a timer on a process that has ended", SYS(timer_delete, id), 0);
	signal_mask(SIG_UNBLOCK, usr1, NULL);
}

static int interrupted(void *clock)
{
	struct __kernel_old_timespec t = { 50, 0 }, rem = { 77, 0 };

	handle(SIGUSR1, count, 0);
	if (SYS(clock_nanosleep, (long)clock, 0, &t, &rem) != -EINTR)
		return 1;
	return rem.tv_sec <= 50 && rem.tv_sec >= 30 ? 9 : 2;
}

static void sleeps(void)
{
	pid_t pid;

	expect_error("the caller's own", sleep_on(CLOCK_THREAD_CPUTIME_ID, 0, 1), EOPNOTSUPP);
	expect_error("by number", sleep_on(OF_THREAD(self_pid()), 0, 1), EINVAL);
	expect_error("by number 0", sleep_on(OF_THREAD(0), 0, 1), EINVAL);
	expect_error("only read", sleep_on(CLOCK_MONOTONIC_COARSE, 0, 1), EOPNOTSUPP);
	expect_error("only read", sleep_on(CLOCK_REALTIME_COARSE, 0, 1), EOPNOTSUPP);
	expect_error("only read", sleep_on(CLOCK_MONOTONIC_RAW, 0, 1), EOPNOTSUPP);
	expect_eq("a time that has passed",
		  sleep_on(CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, 1), 0);
	pid = child_start(interrupted, (void *)CLOCK_PROCESS_CPUTIME_ID);
	expect_true("asleep", child_wait_asleep(pid));
	SYS(kill, pid, SIGSTOP);
	SYS(kill, pid, SIGCONT);
	expect_true("again", child_wait_asleep(pid));
	SYS(kill, pid, SIGUSR1);
	expect_status("a signal ends it", child_wait(pid), EXITED(9));
}

/* Its own, its parent's: none of them is left behind. */
static int ends_with_timers(void *unused)
{
	(void)unused;
	set(create(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR2, 0), 0, FOR_EVER, 0, NULL);
	set(create(CLOCK_THREAD_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR2, 0), 0, FOR_EVER, 1, NULL);
	set(create(OF_PROCESS(SYS(getppid)), SIGEV_SIGNAL, SIGUSR2, 0), 0, FOR_EVER, 1, NULL);
	create(OF_PROCESS(SYS(getppid)), SIGEV_NONE, 0, 0);
	return 3;
}

static void end_of_process(void)
{
	for (unsigned i = 0; i < 10; i++)
		expect_status("child", child_run(ends_with_timers, NULL), EXITED(3));
}

static const struct test_case cases[] = {
	{ "numbers", numbers },
	{ "timers", timers },
	{ "periods", periods },
	{ "asleep", asleep },
	{ "used by another thread", by_another_thread },
	{ "used by another process", of_another_process },
	{ "sleeps", sleeps },
	{ "end of a process", end_of_process },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	handle(SIGUSR1, count, 0);
	return RUN_CASES(cases);
}

/* SPDX-License-Identifier: MIT */
/*
 * timer_create and its family: what is signalled and to whom, periods and overruns, what is left.
 * Nothing here must happen soon: a machine may be slow.
 */
#include "user/lib/file.h"
#include "user/lib/handler.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"
#include "user/test/posix_timers.h"

static volatile int signals, codes, ids, overruns, values, tids;

static void count(int signo, siginfo_t *info, struct ucontext *uc)
{
	(void)signo, (void)uc;
	codes = info->si_code;
	ids = info->si_tid;
	overruns += info->si_overrun;
	values = info->si_int;
	tids = (int)SYS(gettid);
	signals++;
}

static void wait_for(int n)
{
	for (unsigned i = 0; i < 10000 && signals < n; i++)
		sleep_ms(2);
}

static void one_shot(void)
{
	static const int clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_TAI };
	struct setting left;

	for (unsigned i = 0; i < COUNT(clocks); i++) {
		int id = create(clocks[i], SIGEV_SIGNAL, SIGUSR1, 4711);

		signals = 0;
		expect_true("timer_create", id >= 0);
		expect_eq("timer_settime", set(id, 0, 5 * MS, 0, NULL), 0);
		wait_for(1);
		expect_eq("signals", signals, 1);
		expect_eq("si_code", codes, SI_TIMER);
		expect_eq("si_value", values, 4711);
		expect_true("si_tid is the timer's", ids == id);
		expect_eq("timer_gettime", SYS_NR(NR_GETTIME, id, &left), 0);
		expect_true("nothing is left", !left.value.sec && !left.value.nsec);
		expect_eq("timer_getoverrun", SYS(timer_getoverrun, id), 0);
		expect_eq("timer_delete", SYS(timer_delete, id), 0);
	}
}

static void periodic(void)
{
	int id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN + 1, 1);
	struct setting old;
	int last;

	handle(SIGRTMIN + 1, count, 0);
	signals = 0;
	expect_eq("timer_settime", set(id, 0, 5 * MS, 5 * MS, NULL), 0);
	wait_for(5);
	expect_true("five periods", signals >= 5);
	expect_eq("off", set(id, 0, 0, 7 * MS, &old), 0);
	expect_eq("old interval", (long)old.interval.nsec, 5 * MS);
	expect_true("old value", old.value.nsec > 0 && old.value.nsec <= 5 * MS);
	last = signals;
	sleep_ms(15);
	expect_true("no more", signals == last);
	SYS_NR(NR_GETTIME, id, &old);
	expect_true("switched off, without an interval", !old.interval.nsec && !old.value.nsec);
	SYS(timer_delete, id);
}

/* While its signal is blocked a timer only counts. */
static void overrun(void)
{
	int id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR2, 0);
	struct setting left;

	handle(SIGUSR2, count, 0);
	signal_mask(SIG_BLOCK, SIGNAL_BIT(SIGUSR2), NULL);
	signals = overruns = 0;
	set(id, 0, MS, MS, NULL);
	sleep_ms(25);
	SYS_NR(NR_GETTIME, id, &left);
	expect_true("it goes on", left.value.nsec > 0 && left.value.nsec <= MS);
	signal_mask(SIG_UNBLOCK, SIGNAL_BIT(SIGUSR2), NULL);
	wait_for(1);
	expect_true("overruns", overruns >= 20);
	SYS(timer_delete, id);
}

/*
 * A timer has one signal pending at most, also if it is set anew meanwhile.  The last time may come
 * late, when that one has been taken.
 */
static void set_again(void)
{
	int id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN + 1, 0);

	handle(SIGRTMIN + 1, count, 0);
	signal_mask(SIG_BLOCK, SIGNAL_BIT(SIGRTMIN + 1), NULL);
	signals = 0;
	for (unsigned i = 0; i < 10; i++) {
		set(id, 0, 1, 0, NULL);
		sleep_ms(3);
	}
	wait_pending(SIGRTMIN + 1);
	signal_mask(SIG_UNBLOCK, SIGNAL_BIT(SIGRTMIN + 1), NULL);
	wait_for(1);
	expect_true("not one for each time", signals == 1 || signals == 2);
	SYS(timer_delete, id);
}

/* The distance to a time that has passed counts too. */
static void absolute(void)
{
	int id = create(CLOCK_REALTIME, SIGEV_SIGNAL, SIGUSR1, 0);
	struct __kernel_old_timespec now;

	signals = overruns = 0;
	SYS(clock_gettime, CLOCK_REALTIME, &now);
	set(id, TIMER_ABSTIME, now.tv_sec * 1000000000ll - 10000000000ll, 1000ll * MS, NULL);
	wait_for(1);
	expect_true("at once", signals >= 1);
	expect_true("ten periods passed over", overruns >= 9);
	set(id, TIMER_ABSTIME, (now.tv_sec + 1000) * 1000000000ll, 0, NULL);
	signals = 0;	/* only now: until then one more period may have come to its end */
	sleep_ms(8);
	expect_eq("not yet", signals, 0);
	SYS(timer_delete, id);
}

static volatile int thread_tid;

static void timed_thread(void *unused)
{
	int id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL | SIGEV_THREAD_ID, SIGUSR1, 0);

	(void)unused;
	thread_tid = (int)SYS(gettid);
	set(id, 0, MS, 0, NULL);
	wait_for(1);
	SYS(timer_delete, id);
}

static void to_a_thread(void)
{
	struct thread t;

	signals = tids = 0;
	expect_ok("clone", thread_start(&t, timed_thread, NULL));
	thread_join(&t);
	expect_eq("signals", signals, 1);
	expect_true("the thread got it", tids == thread_tid && tids != self_pid());
}

static void silent(void)
{
	int id = create(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0);
	struct setting left;

	expect_true("timer_create", id >= 0);
	set(id, 0, 1000000ll * MS, 0, NULL);
	SYS_NR(NR_GETTIME, id, &left);
	expect_true("what is left", left.value.sec >= 900 && left.value.sec <= 1000);
	set(id, 0, MS, 0, NULL);
	sleep_ms(8);
	SYS_NR(NR_GETTIME, id, &left);
	expect_true("over", !left.value.sec && !left.value.nsec);
	SYS(timer_delete, id);
}

/* An ignored signal does not end a periodic timer. */
static void ignored(void)
{
	int id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);

	signal_set(SIGUSR1, SIG_IGN);
	set(id, 0, MS, MS, NULL);
	sleep_ms(12);
	signals = 0;
	handle(SIGUSR1, count, 0);
	wait_for(2);
	expect_true("it goes on", signals >= 2);
	SYS(timer_delete, id);
}

/* Also while the same signal is pending from elsewhere. */
static void beside_kill(void)
{
	int id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);

	signal_mask(SIG_BLOCK, SIGNAL_BIT(SIGUSR1), NULL);
	signals = 0;
	SYS(kill, self_pid(), SIGUSR1);
	set(id, 0, MS, MS, NULL);
	sleep_ms(8);
	signal_mask(SIG_UNBLOCK, SIGNAL_BIT(SIGUSR1), NULL);
	wait_for(4);
	expect_true("it goes on", signals >= 4);
	SYS(timer_delete, id);
}

static void default_event(void)
{
	int id = -1, other = create(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0);

	handle(SIGALRM, count, 0);
	signals = 0, values = -1;
	expect_eq("timer_create", SYS(timer_create, CLOCK_REALTIME, NULL, &id), 0);
	expect_true("another number", id != other);
	set(id, 0, MS, 0, NULL);
	wait_for(1);
	expect_eq("SIGALRM", signals, 1);
	expect_true("si_value is the number", values == id);
	SYS(timer_delete, id);
	SYS(timer_delete, other);
}

#ifndef __x86_64__
static void by_old_calls(void)
{
	int left[4] = { -1, -1, -1, -1 }, id = create(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0);

	old_layout = true;
	one_shot();
	expect_eq("timer_settime", set(id, 0, 1000000ll * MS, 7 * MS, NULL), 0);
	expect_eq("timer_gettime", SYS(timer_gettime, id, left), 0);
	expect_eq("interval", left[1], 7 * MS);
	expect_true("what is left", left[0] == 0 && left[2] >= 900 && left[2] <= 1000);
	old_layout = false;
	SYS(timer_delete, id);
}
#endif

static const struct test_case cases[] = {
	{ "one shot", one_shot },	   { "periodic", periodic },
	{ "overrun", overrun },		   { "set again", set_again },
	{ "absolute", absolute },
	{ "to a thread", to_a_thread },	   { "no signal", silent },
	{ "ignored signal", ignored },	   { "beside kill", beside_kill },
	{ "default event", default_event },
#ifndef __x86_64__
	{ "the calls of before 2038", by_old_calls },
#endif
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	handle(SIGUSR1, count, 0);
	return RUN_CASES(cases);
}

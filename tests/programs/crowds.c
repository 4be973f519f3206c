/* SPDX-License-Identifier: MIT */
/*
 * What many of something cost others, seen from an ordinary program:
 *
 * with one or more N, in ascending order:
 *
 *	crowds orphans N	a process ends that has N children, each in a group of its own: its end
 *	crowds pause N		a signal to oneself beside N threads in pause()
 *	crowds timers N		N fast timers whose signal is ignored: parts in 1,000 of work left
 *	crowds cputimers N	N sleeping processes with timers on CPU time: parts in 1,000 of work left
 *	crowds endless N	N processes that wait for more CPU time than there is: the same
 *	crowds exec N		a process calls execve with N arguments: longest standstill of another
 *
 * One line for each N, with times in ns.  Under "qemu -icount" (one CPU) a nanosecond is one
 * instruction.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000ull

static unsigned n;

static void need(int ok, const char *what)
{
	if (!ok) {
		printf("crowds: %s\n", what);
		exit(1);
	}
}

static uint64_t now(void)
{
	struct timespec t;

	need(!clock_gettime(CLOCK_MONOTONIC, &t), "clock_gettime");
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void sleep_ms(unsigned ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000l }, NULL);
}

static void on_signal(int signo)
{
	(void)signo;
}

static uint64_t work(void)
{
	uint64_t end = now() + 100 * MS, count = 0;

	while (now() < end)
		count++;
	return count;
}

/* ---------------------------------------------------------------- processes that sleep */

static int door[2], ready[2];		/* pipes; the first is closed when all are to end */

static void wait_for_the_end(void)
{
	char c;

	close(door[1]);
	need(write(ready[1], "", 1) == 1, "write");
	(void)!read(door[0], &c, 1);
}

static void start_sleepers(void (*prepare)(void))
{
	for (unsigned i = 0; i < n; i++) {
		pid_t pid = fork();

		need(pid >= 0, "fork");
		if (pid == 0) {
			prepare();
			wait_for_the_end();
			_exit(0);
		}
	}
}

static void wait_until_all_sleep(unsigned processes)
{
	char c;

	while (processes--)
		need(read(ready[0], &c, 1) == 1, "read");
	sleep_ms(20);
}

/* ---------------------------------------------------------------- orphans */

static void own_group(void)
{
	need(!setpgid(0, 0), "setpgid");
}

static void measure_orphans(void)
{
	uint64_t begin;
	pid_t pid = fork();

	need(pid >= 0, "fork");
	if (pid == 0) {
		start_sleepers(own_group);
		wait_for_the_end();
		_exit(0);
	}
	wait_until_all_sleep(n + 1);
	begin = now();
	need(!kill(pid, SIGKILL) && waitpid(pid, NULL, 0) == pid, "waitpid");
	printf("orphans %u: %llu\n", n, (unsigned long long)(now() - begin));
}

/* ---------------------------------------------------------------- pause */

static void *pauses(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void measure_pause(void)
{
	enum { SIGNALS_SENT = 20 };
	static unsigned threads;
	pthread_attr_t small;
	pthread_t thread;
	uint64_t begin;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 16384);
	signal(SIGUSR1, on_signal);
	for (; threads < n; threads++)
		need(!pthread_create(&thread, &small, pauses, NULL), "pthread_create");
	sleep_ms(20);
	begin = now();
	for (unsigned i = 0; i < SIGNALS_SENT; i++)
		need(!kill(getpid(), SIGUSR1), "kill");
	printf("pause %u: %llu\n", n, (unsigned long long)((now() - begin) / SIGNALS_SENT));
}

/* ---------------------------------------------------------------- timers */

static void print_left(const char *what, uint64_t before, uint64_t after)
{
	printf("%s %u: %llu\n", what, n, (unsigned long long)(after * 1000 / before));
}

static void measure_timers(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec fast = { { 0, 1 }, { 0, 1 } };
	uint64_t before = work();
	timer_t timer;

	signal(SIGUSR1, SIG_IGN);
	for (unsigned i = 0; i < n; i++)
		need(!timer_create(CLOCK_MONOTONIC, &event, &timer) &&
		     !timer_settime(timer, 0, &fast, NULL), "timer");
	sleep_ms(20);
	print_left("timers", before, work());
}

static void cpu_timers(void)
{
	struct itimerval fast = { { 0, 1 }, { 0, 1 } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec far = { { 0, 0 }, { 1, 0 } };
	timer_t timer;

	signal(SIGPROF, SIG_IGN);
	need(!setitimer(ITIMER_PROF, &fast, NULL), "setitimer");
	need(!timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer) &&
	     !timer_settime(timer, 0, &far, NULL), "timer");
}

static void measure_cpu_timers(void)
{
	uint64_t before = work();

	start_sleepers(cpu_timers);
	wait_until_all_sleep(n);
	sleep_ms(300);
	print_left("cputimers", before, work());
}

static void *waits_for_ever(void *arg)
{
	const struct timespec end = { LONG_MAX, 0 };

	clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, &end, NULL);
	return arg;
}

static void start_endless(void)
{
	pthread_t thread;

	need(!pthread_create(&thread, NULL, waits_for_ever, NULL), "pthread_create");
}

static void measure_endless(void)
{
	uint64_t before = work();

	start_sleepers(start_endless);
	wait_until_all_sleep(n);
	sleep_ms(300);
	print_left("endless", before, work());
}

/* ---------------------------------------------------------------- exec */

static void executes(void)
{
	char **argv = calloc(n + 1, sizeof(*argv));

	need(argv != NULL, "calloc");
	for (unsigned i = 0; i < n; i++)
		argv[i] = "";	/* tells main() */
	execv("/proc/self/exe", argv);
	_exit(1);
}

static void measure_exec(void)
{
	uint64_t last, longest = 0;
	int status = 0;
	pid_t pid = fork();

	need(pid >= 0, "fork");
	if (pid == 0)
		executes();
	for (last = now(); waitpid(pid, &status, WNOHANG) == 0; last = now())
		longest = now() - last > longest ? now() - last : longest;
	need(!status, "exec");
	printf("exec %u: %llu\n", n, (unsigned long long)longest);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*measure)(void);
	} what[] = {
		{ "orphans", measure_orphans },		{ "pause", measure_pause },
		{ "timers", measure_timers },		{ "cputimers", measure_cpu_timers },
		{ "exec", measure_exec },		{ "endless", measure_endless },
	};

	unsigned i = 0;

	if (!*argv[0])
		return 0;
	need(argc > 2, "usage: crowds WHAT N...");
	need(!pipe(door) && !pipe(ready), "pipe");
	while (i < sizeof(what) / sizeof(*what) && strcmp(argv[1], what[i].name))
		i++;
	need(i < sizeof(what) / sizeof(*what), "no such crowd");
	for (int arg = 2; arg < argc; arg++) {
		n = strtoul(argv[arg], NULL, 10);
		what[i].measure();
	}
	return 0;
}

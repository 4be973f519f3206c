/* SPDX-License-Identifier: MIT */
/*
 * What the scheduler costs with many threads, seen from an ordinary program:
 *
 *	scaling switch N MS	N threads yield all the time: time of a CPU for one switch
 *	scaling wake N ROUNDS	a thread is woken while N others compute: time until it runs
 *	scaling balance N MS	N threads compute: threads on each CPU, and the shares of time
 *
 * One line each.  Under "qemu -icount" (one CPU) a nanosecond is one instruction.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_THREADS 256

static pthread_t thread[MAX_THREADS];
static unsigned n_threads;
static volatile int stop;

static void need(int ok, const char *what)
{
	if (!ok) {
		printf("scaling: %s\n", what);
		exit(1);
	}
}

static uint64_t now(clockid_t clock)
{
	struct timespec t;

	need(!clock_gettime(clock, &t), "clock_gettime");
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void pause_ms(unsigned ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000l }, NULL);
}

/* Context switches of all CPUs since the boot. */
static uint64_t switches(void)
{
	static char text[65536];
	FILE *file = fopen("/proc/stat", "r");
	const char *at;
	size_t n;

	need(file != NULL, "/proc/stat");
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = 0;
	at = strstr(text, "ctxt ");
	need(at != NULL, "ctxt");
	return strtoull(at + 5, NULL, 10);
}

static void start(void *(*work)(void *))
{
	for (uintptr_t i = 0; i < n_threads; i++)
		need(!pthread_create(&thread[i], NULL, work, (void *)i), "pthread_create");
}

static void end(void)
{
	stop = 1;
	for (unsigned i = 0; i < n_threads; i++)
		pthread_join(thread[i], NULL);
}

static unsigned cpus(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN);
}

/* ---------------------------------------------------------------- switch */

static void *yield(void *arg)
{
	while (!stop)
		sched_yield();
	return arg;
}

static void measure_switch(unsigned ms)
{
	uint64_t time, count;

	start(yield);
	pause_ms(ms / 4);
	count = switches();
	time = now(CLOCK_MONOTONIC);
	pause_ms(ms);
	count = switches() - count;
	time = now(CLOCK_MONOTONIC) - time;
	end();
	need(count != 0, "no switches");
	printf("switch cpus %u threads %u: %llu switches, %llu ns of a CPU each\n", cpus(),
	       n_threads, (unsigned long long)count,
	       (unsigned long long)(time * cpus() / count));
}

/* ---------------------------------------------------------------- wake */

static int door[2];			/* a pipe */
static volatile uint64_t woken_at;

static void *compute(void *arg)
{
	while (!stop)
		__asm__ volatile("" ::: "memory");
	return arg;
}

static void *sleeper(void *arg)
{
	char c;

	while (read(door[0], &c, 1) == 1)
		woken_at = now(CLOCK_MONOTONIC);
	return arg;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void measure_wake(unsigned rounds)
{
	uint64_t *time = calloc(rounds, sizeof(*time));
	pthread_t one;

	need(time && rounds && !pipe(door), "rounds");
	start(compute);
	need(!pthread_create(&one, NULL, sleeper, NULL), "pthread_create");
	for (unsigned i = 0; i < rounds; i++) {
		uint64_t begin;

		pause_ms(3);
		woken_at = 0;
		begin = now(CLOCK_MONOTONIC);
		need(write(door[1], "", 1) == 1, "write");
		while (!woken_at)
			pause_ms(1);
		time[i] = woken_at - begin;
	}
	end();
	close(door[1]);
	pthread_join(one, NULL);
	qsort(time, rounds, sizeof(*time), by_value);
	printf("wake cpus %u threads %u: ns least %llu median %llu 9 of 10 %llu most %llu\n",
	       cpus(), n_threads, (unsigned long long)time[0], (unsigned long long)time[rounds / 2],
	       (unsigned long long)time[rounds * 9 / 10], (unsigned long long)time[rounds - 1]);
}

/* ---------------------------------------------------------------- balance */

static struct share {
	int cpu;
	uint64_t used;
} share[MAX_THREADS], seen[MAX_THREADS];

static void *account(void *arg)
{
	struct share *mine = &share[(uintptr_t)arg];
	uint64_t begin = now(CLOCK_THREAD_CPUTIME_ID);

	while (!stop) {
		for (unsigned i = 0; i < 20000; i++)
			__asm__ volatile("" ::: "memory");
		__atomic_store_n(&mine->cpu, sched_getcpu(), __ATOMIC_RELAXED);
		__atomic_store_n(&mine->used, now(CLOCK_THREAD_CPUTIME_ID) - begin,
				 __ATOMIC_RELAXED);
	}
	return arg;
}

static void measure_balance(unsigned ms)
{
	unsigned on[MAX_THREADS] = { 0 }, fewest = ~0u, most = 0;
	uint64_t least = ~0ull, largest = 0, sum = 0;

	start(account);
	pause_ms(ms);
	memcpy(seen, share, sizeof(seen));	/* who ends late has a CPU for itself */
	end();
	for (unsigned i = 0; i < n_threads; i++) {
		uint64_t used = seen[i].used;

		on[seen[i].cpu]++;
		sum += used;
		least = used < least ? used : least;
		largest = used > largest ? used : largest;
	}
	for (unsigned c = 0; c < cpus(); c++) {
		fewest = on[c] < fewest ? on[c] : fewest;
		most = on[c] > most ? on[c] : most;
	}
	need(sum != 0, "no time");
	printf("balance cpus %u threads %u: %u to %u threads on a CPU, "
	       "shares %llu %% to %llu %% of the mean\n",
	       cpus(), n_threads, fewest, most, (unsigned long long)(least * 100 * n_threads / sum),
	       (unsigned long long)(largest * 100 * n_threads / sum));
}

int main(int argc, char **argv)
{
	need(argc == 4, "usage: scaling switch|wake|balance THREADS MS|ROUNDS");
	n_threads = strtoul(argv[2], NULL, 10);
	need(n_threads <= MAX_THREADS, "too many threads");
	if (!strcmp(argv[1], "switch"))
		measure_switch(strtoul(argv[3], NULL, 10));
	else if (!strcmp(argv[1], "wake"))
		measure_wake(strtoul(argv[3], NULL, 10));
	else
		measure_balance(strtoul(argv[3], NULL, 10));
	return 0;
}

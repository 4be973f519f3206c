/* SPDX-License-Identifier: MIT */
/*
 * An ordinary program with threads, for glibc and musl, 64 and 32 bit: thread-local storage,
 * a mutex, a barrier, a condition variable, stdio, malloc, floating point.  Its output is the same
 * every time.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 8
#define ROUNDS  2000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t counted;
static _Thread_local unsigned mine;
static unsigned total, turn;

static void count(void)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		mine++;
		pthread_mutex_lock(&lock);
		total++;
		pthread_mutex_unlock(&lock);
	}
}

/* Each thread speaks when it is its turn. */
static void speak(unsigned number, double root)
{
	pthread_mutex_lock(&lock);
	while (turn != number)
		pthread_cond_wait(&changed, &lock);
	printf("thread %u: counted %u, sum of roots %.6f\n", number, mine, root);
	turn++;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static void *work(void *arg)
{
	unsigned number = (unsigned)(uintptr_t)arg;
	char *text = malloc(10000 * (number + 1));
	double sum = 0;

	if (!text)
		abort();
	memset(text, 'x', 10000 * (number + 1));
	count();
	pthread_barrier_wait(&counted);
	if (total != THREADS * ROUNDS)
		abort();
	for (unsigned i = 1; i <= 1000; i++) {
		double x = i;

		for (unsigned k = 0; k < 20; k++)
			x = (x + i / x) / 2;
		sum += x;
	}
	speak(number, sum);
	free(text);
	return arg;
}

int main(int argc, char **argv)
{
	pthread_t thread[THREADS];
	void *result;

	printf("hello from %d arguments, last \"%s\", %zu-bit\n", argc, argv[argc - 1],
	       8 * sizeof(void *));
	if (pthread_barrier_init(&counted, NULL, THREADS))
		abort();
	for (uintptr_t i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, work, (void *)i))
			abort();
	for (uintptr_t i = 0; i < THREADS; i++)
		if (pthread_join(thread[i], &result) || result != (void *)i)
			abort();
	printf("total %u of %u\n", total, THREADS * ROUNDS);
	return total == THREADS * ROUNDS ? 42 : 1;
}

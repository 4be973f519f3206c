/* SPDX-License-Identifier: MIT */
/*
 * Preemption at any instruction changes no register: general ones, flags, x87, SSE, AVX and their
 * control words.  More processes and threads than CPUs fill all of them with their own pattern,
 * spin in ring 3, and compare.
 */
#include "user/lib/canary.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define PROCESSES 4
#define THREADS   3
#define SPINS     200000ul
#define ROUNDS    30

static bool avx;
static volatile int *stop, *finished;

static void explain(const struct canary *want, const struct canary *got, unsigned long seed)
{
	const uint32_t *w = (const uint32_t *)want, *g = (const uint32_t *)got;

	for (unsigned i = 0; i < sizeof(*want) / 4; i++)
		if (w[i] != g[i])
			return fail("seed %lu: at byte %u expected 0x%x, got 0x%x", seed, i * 4,
				    w[i], g[i]);
}

/* The number of rounds in which something had changed. */
static int spin_and_compare(unsigned long seed)
{
	struct canary want, got;
	int bad = 0;

	for (unsigned round = 0; !*stop || round < ROUNDS; round++) {
		canary_fill(&want, seed + round % 3 * 100, avx);
		memset(&got, 0, sizeof(got));
		canary_run(&want, &got, SPINS, avx);
		if (memcmp(&want, &got, sizeof(want))) {
			explain(&want, &got, seed);
			if (++bad == 3)
				break;
		}
	}
	__atomic_add_fetch(finished, 1, __ATOMIC_SEQ_CST);
	return bad;
}

static int process(void *seed)
{
	return spin_and_compare((unsigned long)seed);
}

static int thread_bad;

static void thread(void *seed)
{
	__atomic_add_fetch(&thread_bad, spin_and_compare((unsigned long)seed), __ATOMIC_SEQ_CST);
}

static void all_registers(void)
{
	struct thread threads[THREADS];
	pid_t pids[PROCESSES];
	int bad = 0;

	note("AVX is %s", avx ? "on" : "off");
	for (unsigned long i = 0; i < PROCESSES; i++)
		pids[i] = child_start(process, (void *)(i + 1));
	for (unsigned long i = 0; i < THREADS; i++)
		thread_start(&threads[i], thread, (void *)(i + 11));
	sleep_ms(500);
	*stop = 1;
	for (unsigned i = 0; i < PROCESSES; i++)
		bad += child_wait(pids[i]) != EXITED(0);
	for (unsigned i = 0; i < THREADS; i++)
		thread_join(&threads[i]);
	expect_eq("processes and threads that finished", *finished, PROCESSES + THREADS);
	expect_eq("processes with changed registers", bad, 0);
	expect_eq("rounds of threads with changed registers", thread_bad, 0);
}

/* A new process starts with its parent's registers, x87 and SSE included. */
static void inherited(void)
{
	struct canary want, got;
	int status;
	pid_t pid;

	canary_fill(&want, 5, avx);
	got = want;
	__asm__ volatile("ldmxcsr %0; movups %1, %%xmm6" : : "m"(want.mxcsr), "m"(want.vector[3]));
	pid = sys_fork();
	__asm__ volatile("stmxcsr %0; movups %%xmm6, %1" : "=m"(got.mxcsr), "=m"(got.vector[3]));
	__asm__ volatile("ldmxcsr %0" : : "m"((const unsigned){ 0x1f80 }));
	if (pid == 0)
		sys_exit(memcmp(&want, &got, sizeof(want)) ? 1 : 0);
	status = child_wait(pid);
	expect_status("SSE state in the child", status, EXITED(0));
	expect_eq("and in the parent", memcmp(&want, &got, sizeof(want)), 0);
}

static const struct test_case cases[] = {
	{ "no register changes", all_registers },
	{ "fork copies SSE state", inherited },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	avx = canary_have_avx();
	stop = map_shared(PAGE);
	finished = stop + 1;
	return RUN_CASES(cases);
}

/* SPDX-License-Identifier: MIT */
/*
 * sched_setaffinity, sched_getaffinity and getcpu: a thread runs where it may, at once; a child
 * inherits the mask; the mask of another process moves it; and work spreads over all CPUs.
 */
#include "user/lib/test.h"
#include "user/lib/thread.h"

#define WORDS 16

struct mask {
	unsigned long word[WORDS];
};

static struct mask all;
static unsigned cpus;
static volatile int *where;	/* shared */

static bool may(const struct mask *m, unsigned cpu)
{
	return m->word[cpu / (8 * sizeof(long))] >> cpu % (8 * sizeof(long)) & 1;
}

static struct mask only(unsigned cpu)
{
	struct mask m = { { 0 } };

	m.word[cpu / (8 * sizeof(long))] = 1ul << cpu % (8 * sizeof(long));
	return m;
}

static long set(pid_t pid, struct mask m)
{
	return SYS(sched_setaffinity, pid, sizeof(m), &m);
}

static unsigned current_cpu(void)
{
	unsigned cpu = ~0u;

	SYS(getcpu, &cpu, NULL, NULL);
	return cpu;
}

static void each_cpu(void)
{
	struct mask got;

	for (unsigned c = 0; c < WORDS * 8; c++) {
		if (!may(&all, c))
			continue;
		expect_eq("set", set(0, only(c)), 0);
		expect_eq("getcpu", current_cpu(), c);
		memset(&got, 0, sizeof(got));
		expect_true("get", SYS(sched_getaffinity, 0, sizeof(got), &got) > 0);
		expect_hex("the mask", got.word[0], only(c).word[0]);
	}
	set(0, all);
}

static void refused(void)
{
	struct mask none = { { 0 } }, beyond = only(WORDS * 8 * sizeof(long) - 1);

	expect_error("no CPU", set(0, none), EINVAL);
	expect_error("a CPU that there is not", set(0, beyond), EINVAL);
	expect_error("nobody", set(0x3ffffff, all), ESRCH);
	expect_error("-5", set(-5, all), ESRCH);
	expect_error("get, -5", SYS(sched_getaffinity, -5, sizeof(none), &none), ESRCH);
	expect_error("bad address", SYS(sched_setaffinity, 0, sizeof(all), 16), EFAULT);
	expect_error("get, an odd size", SYS(sched_getaffinity, 0, 9, &none), EINVAL);
	expect_error("get, bad address", SYS(sched_getaffinity, 0, sizeof(all), 16), EFAULT);
	expect_error("getcpu, bad address", SYS(getcpu, 16, NULL, NULL), EFAULT);
}

static int tells_cpu(void *want)
{
	return current_cpu() != (unsigned)(unsigned long)want;
}

static void inherited(void)
{
	for (unsigned c = 0; c < WORDS * 8; c++) {
		if (!may(&all, c))
			continue;
		set(0, only(c));
		expect_status("child", child_run(tells_cpu, (void *)(unsigned long)c), EXITED(0));
	}
	set(0, all);
}

static int reports(void *unused)
{
	(void)unused;
	while (where[0] >= 0)
		where[0] = (int)current_cpu();
	return 0;
}

static void moved_by_another(void)
{
	pid_t pid = child_start(reports, NULL);

	for (unsigned c = 0; c < WORDS * 8; c++) {
		if (!may(&all, c))
			continue;
		expect_eq("set", set(pid, only(c)), 0);
		expect_true("it goes there", wait_for_value(where, (int)c, 10));
		sleep_ms(10);
		expect_eq("and stays", where[0], (long)c);
	}
	SYS(kill, pid, SIGKILL);
	child_wait(pid);
}

static int marks_cpus(void *unused)
{
	(void)unused;
	while (!where[0])
		where[1 + current_cpu() % 64] = 1;
	return 0;
}

/* All start on one CPU; allowed everywhere, they are soon everywhere. */
static void spread(void)
{
	pid_t pids[8];
	unsigned used = 0;

	where[0] = 0;
	set(0, only(current_cpu()));
	for (unsigned i = 0; i < COUNT(pids); i++)
		pids[i] = child_start(marks_cpus, NULL);
	for (unsigned i = 0; i < COUNT(pids); i++)
		set(pids[i], all);
	set(0, all);
	for (unsigned tries = 0; tries < 500 && used < cpus; tries++) {
		sleep_ms(10);
		used = 0;
		for (unsigned c = 0; c < 64; c++)
			used += where[1 + c] != 0;
	}
	where[0] = 1;
	for (unsigned i = 0; i < COUNT(pids); i++)
		child_wait(pids[i]);
	if (used < (cpus < 8 ? cpus : 8) && !on_paranoid())
		skip("not on Linux: the other CPUs have work of others");
	else
		expect_true("every CPU had one of them", used >= (cpus < 8 ? cpus : 8));
}

static const struct test_case cases[] = {
	{ "each CPU", each_cpu },
	{ "refused", refused },
	{ "a child inherits", inherited },
	{ "moved by another process", moved_by_another },
	{ "work spreads", spread },
};

int main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	SYS(sched_getaffinity, 0, sizeof(all), &all);
	for (unsigned c = 0; c < WORDS * 8; c++)
		cpus += may(&all, c);
	where = map_shared(PAGE);
	return RUN_CASES(cases);
}

/* SPDX-License-Identifier: MIT */
/*
 * The entry trace under the sweep: after each run, what the CPU has recorded since the last one is
 * held against the rules (kernel/debug/entry_trace_check.h).  All threads of the sweep stay on this
 * CPU.
 */
#ifdef CONFIG_DEBUG
#include "kernel/cpu/percpu.h"
#include "kernel/debug/entry_trace_check.h"
#include "kernel/debug/sweep.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"

static struct trace_checker checker;
static uint64_t next, lost;

/* What begins here knows nothing of what was open before. */
static void begin_at(uint64_t number)
{
	uint64_t events = checker.events, pairs = checker.pairs;

	memset(&checker, 0, sizeof(checker));
	checker.events = events;
	checker.pairs = pairs;
	next = number;
}

void sweep_trace_start(void)
{
	memset(&checker, 0, sizeof(checker));
	next = trace_count(this_percpu());
	lost = 0;
}

static void tell(const char *problem, const struct trace_event *e)
{
	char line[TRACE_LINE];

	if (!sweep_run.problem) {
		trace_format(line, this_cpu(cpu), e);
		printk("# %s\n", line);
	}
	sweep_problem(problem, e->rip, sweep_run.at);
}

/* An interrupt meanwhile may overwrite the oldest events: then the rest is for the next time. */
void sweep_trace_check(void)
{
	const struct percpu *pc = this_percpu();
	uint64_t end = trace_count(pc);
	struct trace_event e;
	const char *problem;

	/* Runs of single steps have more events than the ring keeps. */
	if (end - next > TRACE_EVENTS) {
		lost += end - next - TRACE_EVENTS;
		begin_at(end - TRACE_EVENTS);
	}
	for (; next < end && trace_read(pc, next, &e); next++) {
		problem = trace_check(&checker, &e);
		if (problem) {
			tell(problem, &e);
			begin_at(next);	/* the rules hold again from the next event on */
		}
	}
}

void sweep_trace_report(struct ktest_result *result)
{
	printk("# entry trace: %llu events nested and balanced, %llu times GS found as it was "
	       "left; %llu lost\n", (unsigned long long)checker.events,
	       (unsigned long long)checker.pairs, (unsigned long long)lost);
	KTEST_EQ(checker.events > 10000, true);
	KTEST_EQ(checker.pairs > 100, true);
	KTEST_EQ(lost < checker.events / 10, true);
}
#endif

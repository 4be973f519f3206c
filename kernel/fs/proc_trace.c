/* SPDX-License-Identifier: MIT */
/* /proc/entry_trace: what the CPUs have recorded, oldest first, one CPU after the other. */
#ifdef CONFIG_DEBUG
#include "kernel/debug/entry_trace.h"
#include "kernel/fs/proc.h"

#define LINES 1400u	/* that many fit into a struct proc_text */

static void show_cpu(struct proc_text *t, unsigned cpu, uint64_t count)
{
	const struct percpu *pc = &percpu_table[cpu];
	uint64_t end = trace_count(pc);
	struct trace_event e;
	char line[TRACE_LINE];

	for (uint64_t i = end > count ? end - count : 0; i < end; i++) {
		if (!trace_read(pc, i, &e))
			continue;	/* overwritten meanwhile */
		trace_format(line, cpu, &e);
		proc_printf(t, "%s\n", line);
	}
}

int proc_show_entry_trace(struct proc_text *t, int pid)
{
	char line[TRACE_LINE];

	trace_format_head(line);
	proc_printf(t, "%s\n", line);
	for_each_cpu (c)
		show_cpu(t, c, MIN(LINES / cpu_count, TRACE_EVENTS));
	return 0;
}
#endif

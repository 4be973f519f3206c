/* SPDX-License-Identifier: MIT */
/* The files of /proc that count what came into the kernel, and how it was left. */
#include "kernel/cpu/exit.h"
#include "kernel/cpu/percpu.h"
#include "kernel/fs/proc.h"

/* How often user mode was returned to, by instruction and reason (R6.18), over all CPUs. */
int proc_show_exits(struct proc_text *t, int pid)
{
	for (unsigned i = 0; i < EXIT_REASONS; i++) {
		unsigned long long sum = 0;

		for_each_cpu (c)
			sum += READ_ONCE(percpu_table[c].exits[i]);
		proc_printf(t, "%s %llu\n", exit_name(i), sum);
	}
	return 0;
}

static void show_counts(struct proc_text *t, const char *name, size_t offset, const char *what)
{
	proc_printf(t, "%s:", name);
	for_each_cpu (c) {
		const uint8_t *cpu = (const uint8_t *)&percpu_table[c];

		proc_printf(t, " %10llu",
			    (unsigned long long)READ_ONCE(*(const uint64_t *)(cpu + offset)));
	}
	proc_printf(t, "   %s\n", what);
}

/* The rows that Linux has too, with its names; INT and DBG are the sums of what it lists singly. */
int proc_show_interrupts(struct proc_text *t, int pid)
{
	proc_printf(t, "    ");
	for_each_cpu (c)
		proc_printf(t, "     CPU%-3u", c);
	proc_printf(t, "\n");
	show_counts(t, "INT", offsetof(struct percpu, irq_count), "Interrupts");
	show_counts(t, "NMI", offsetof(struct percpu, nmi_count), "Non-maskable interrupts");
	show_counts(t, "MCE", offsetof(struct percpu, mce_count), "Machine check exceptions");
	show_counts(t, "DBG", offsetof(struct percpu, db_count), "Debug exceptions");
	show_counts(t, "DBX", offsetof(struct percpu, db_stray), "of them, in the kernel without a cause");
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* /proc/PID/{stat,statm,status,comm}, in Linux's formats (proc(5)). */
#include "kernel/fs/proc_info.h"
#include "kernel/fs/tty.h"
#include "kernel/mm/mm.h"

#define NS_PER_TICK 10000000ull

struct sizes {
	unsigned long long total, resident;	/* pages */
	unsigned long long stack;
};

static struct sizes sizes_of(int pid)
{
	struct mm *mm = proc_get_mm(pid);
	struct sizes s = { 0 };

	if (!mm)
		return s;
	s = (struct sizes){ mm->total_pages, mm->resident_pages, mm->stack_top };
	mm_put(mm);
	return s;
}

static unsigned long long ticks(uint64_t ns)
{
	return ns / NS_PER_TICK;
}

int proc_show_stat(struct proc_text *t, int pid)
{
	struct sizes s = sizes_of(pid);
	struct proc_info i;
	int err = proc_get_info(pid, &i);
	bool on_tty;

	if (err)
		return err;
	on_tty = tty.session && tty.session == i.sid;
	/* 1 to 17: who, terminal, faults, times. */
	proc_printf(t, "%d (%s) %c %d %d %d %d %d 0 0 0 0 0 ", i.pid, i.comm, i.state, i.ppid,
		    i.pgid, i.sid, on_tty ? 5 << 8 | 1 : 0, on_tty ? tty.foreground : -1);
	proc_printf(t, "%llu 0 %llu 0 ", ticks(i.runtime_ns), ticks(i.child_runtime_ns));
	/* 18 to 30: priority, threads, start, memory. */
	proc_printf(t, "%d %d %u 0 %llu %llu %llu 18446744073709551615 0 0 %llu 0 0 ",
		    20 + i.nice, i.nice, i.nthreads, ticks(i.start_ns), s.total * PAGE_SIZE,
		    s.resident, s.stack);
	/* 31 to 52: the low signals, exit signal, CPU. */
	proc_printf(t, "%u %u %u %u 0 0 0 %d %u 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		    (unsigned)i.pending & 0x7fffffff, (unsigned)i.blocked & 0x7fffffff,
		    (unsigned)i.ignored & 0x7fffffff, (unsigned)i.caught & 0x7fffffff,
		    i.exit_signal, i.cpu);
	return 0;
}

int proc_show_statm(struct proc_text *t, int pid)
{
	struct sizes s = sizes_of(pid);

	proc_printf(t, "%llu %llu 0 0 0 %llu 0\n", s.total, s.resident, s.total);
	return 0;
}

static const char *state_name(char state)
{
	switch (state) {
	case 'R':
		return "running";
	case 'S':
		return "sleeping";
	case 'D':
		return "disk sleep";
	case 'T':
		return "stopped";
	default:
		return "zombie";
	}
}

int proc_show_status(struct proc_text *t, int pid)
{
	struct sizes s = sizes_of(pid);
	struct proc_info i;
	int err = proc_get_info(pid, &i);

	if (err)
		return err;
	proc_printf(t, "Name:\t%s\nState:\t%c (%s)\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\n", i.comm,
		    i.state, state_name(i.state), i.pid, i.pid, i.ppid);
	proc_printf(t, "TracerPid:\t0\n");
	proc_printf(t, "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t\n");
	if (s.total)
		proc_printf(t, "VmSize:\t%8llu kB\nVmRSS:\t%8llu kB\n", s.total * 4,
			    s.resident * 4);
	proc_printf(t, "Threads:\t%u\nSigPnd:\t%016llx\nShdPnd:\t%016llx\n", i.nthreads,
		    (unsigned long long)i.pending, (unsigned long long)i.shared_pending);
	proc_printf(t, "SigBlk:\t%016llx\nSigIgn:\t%016llx\nSigCgt:\t%016llx\n",
		    (unsigned long long)i.blocked, (unsigned long long)i.ignored,
		    (unsigned long long)i.caught);
	return 0;
}

int proc_show_comm(struct proc_text *t, int pid)
{
	struct proc_info i;
	int err = proc_get_info(pid, &i);

	if (!err)
		proc_printf(t, "%s\n", i.comm);
	return err;
}

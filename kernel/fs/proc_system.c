/* SPDX-License-Identifier: MIT */
/* The files of /proc that are about no process, with the fields that programs look for. */
#include "boot/boot_info.h"
#include "kernel/cpu/clock.h"
#include "kernel/cpu/exit.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/percpu.h"
#include "kernel/fs/mode.h"
#include "kernel/fs/proc.h"
#include "kernel/lib/print.h"
#include "kernel/process/pid.h"
#include "kernel/process/process.h"
#include "kernel/process/timespec.h"
#include "kernel/process/uname.h"
#include "sched/sched.h"

#define NS_PER_TICK 10000000ull	/* USER_HZ is 100 on every Linux */

static unsigned long long kib(uint64_t frames)
{
	return frames * (PAGE_SIZE / 1024);
}

static int show_meminfo(struct proc_text *t, int pid)
{
	struct frame_stats f = frame_stats();

	proc_printf(t, "MemTotal:       %8llu kB\nMemFree:        %8llu kB\n", kib(f.total),
		    kib(f.free));
	proc_printf(t, "MemAvailable:   %8llu kB\nBuffers:        %8u kB\n", kib(f.free), 0);
	proc_printf(t, "Cached:         %8u kB\nSwapCached:     %8u kB\n", 0, 0);
	proc_printf(t, "SwapTotal:      %8u kB\nSwapFree:       %8u kB\n", 0, 0);
	proc_printf(t, "Shmem:          %8u kB\nSlab:           %8u kB\n", 0, 0);
	return 0;
}

static unsigned long long idle_ticks(unsigned cpu)
{
	return sched_cpu_stats(cpu).idle_ns / NS_PER_TICK;
}

/* What is not idle counts as user time: the kernel does not tell them apart. */
static void show_cpu_times(struct proc_text *t, const char *name, unsigned long long idle,
			   unsigned cpus)
{
	unsigned long long total = clock_monotonic_ns() / NS_PER_TICK * cpus;

	proc_printf(t, "%s %llu 0 0 %llu 0 0 0 0 0 0\n", name, total > idle ? total - idle : 0,
		    idle);
}

struct census {
	unsigned processes;
	int highest;		/* pid: they ascend, so about as many have been started */
};

static bool count_process(struct process *p, void *arg)
{
	struct census *c = arg;

	c->processes++;
	c->highest = MAX(c->highest, p->pid);
	return true;
}

static struct census take_census(void)
{
	struct census c = { 0 };

	process_for_each(count_process, &c);
	return c;
}

static unsigned runnable_threads(void)
{
	unsigned n = 0;

	for_each_cpu (c)
		n += sched_cpu_stats(c).runnable;
	return n;
}

static int show_stat(struct proc_text *t, int pid)
{
	struct sched_stats sum = { 0 };
	unsigned long long idle = 0;
	char name[16];

	for_each_cpu (c) {
		struct sched_stats s = sched_cpu_stats(c);

		idle += s.idle_ns / NS_PER_TICK;
		sum.switches += s.switches;
		sum.migrations += s.migrations;
		sum.segment_loads += s.segment_loads;
		sum.ldt_loads += s.ldt_loads;
	}
	show_cpu_times(t, "cpu ", idle, cpu_count);
	for_each_cpu (c) {
		snprintf(name, sizeof(name), "cpu%u", c);
		show_cpu_times(t, name, idle_ticks(c), 1);
	}
	proc_printf(t, "ctxt %llu\nbtime %llu\nprocesses %d\nprocs_running %u\nprocs_blocked 0\n",
		    (unsigned long long)sum.switches,
		    (unsigned long long)((clock_realtime_ns() - clock_monotonic_ns()) / NS_PER_SEC),
		    take_census().highest, runnable_threads());
	/* Not in Linux: what the switches had to do. */
	proc_printf(t, "migrations %llu\nsegment_loads %llu\nldt_loads %llu\n",
		    (unsigned long long)sum.migrations, (unsigned long long)sum.segment_loads,
		    (unsigned long long)sum.ldt_loads);
	return 0;
}

static int show_uptime(struct proc_text *t, int pid)
{
	unsigned long long up = clock_monotonic_ns() / NS_PER_TICK, idle = 0;

	for_each_cpu (c)
		idle += idle_ticks(c);
	proc_printf(t, "%llu.%02llu %llu.%02llu\n", up / 100, up % 100, idle / 100, idle % 100);
	return 0;
}

/* No averages are kept, as nothing here decides by them. */
static int show_loadavg(struct proc_text *t, int pid)
{
	struct census c = take_census();

	proc_printf(t, "0.00 0.00 0.00 %u/%u %d\n", runnable_threads(), c.processes, c.highest);
	return 0;
}

static int show_cpuinfo(struct proc_text *t, int pid)
{
	unsigned long long khz = clock_params.tsc_hz / 1000;

	for_each_cpu (c) {
		proc_printf(t, "processor\t: %u\nvendor_id\t: %s\nmodel name\t: %s\n", c,
			    cpu_info.vendor_name, cpu_info.brand);
		proc_printf(t, "cpu MHz\t\t: %llu.%03llu\napicid\t\t: %u\nflags\t\t:", khz / 1000,
			    khz % 1000, percpu_table[c].apic_id);
		for (unsigned f = 0; f < FEATURE_COUNT; f++) {
			if (cpu_has(f) && cpu_feature_name(f))
				proc_printf(t, " %s", cpu_feature_name(f));
		}
		proc_printf(t, "\naddress sizes\t: %u bits physical, %u bits virtual\n\n",
			    cpu_info.phys_bits, cpu_info.virt_bits);
	}
	return 0;
}

static int show_version(struct proc_text *t, int pid)
{
	proc_printf(t, "%s version %s %s\n", UNAME_SYSNAME, UNAME_RELEASE, UNAME_VERSION);
	return 0;
}

static int show_cmdline(struct proc_text *t, int pid)
{
	proc_append(t, boot_info.cmdline, strlen(boot_info.cmdline));
	proc_append(t, "\n", 1);
	return 0;
}

static int show_filesystems(struct proc_text *t, int pid)
{
	proc_printf(t, "nodev\ttmpfs\nnodev\tproc\n");
	return 0;
}

static int show_osrelease(struct proc_text *t, int pid)
{
	proc_printf(t, "%s\n", UNAME_RELEASE);
	return 0;
}

static int show_ostype(struct proc_text *t, int pid)
{
	proc_printf(t, "%s\n", UNAME_SYSNAME);
	return 0;
}

static int show_kernel_version(struct proc_text *t, int pid)
{
	proc_printf(t, "%s\n", UNAME_VERSION);
	return 0;
}

static int show_hostname(struct proc_text *t, int pid)
{
	proc_printf(t, "%s\n", UNAME_NODENAME);
	return 0;
}

static int show_pid_max(struct proc_text *t, int pid)
{
	proc_printf(t, "%d\n", PID_MAX);
	return 0;
}

/* Memory is promised without looking: demand paging finds out. */
static int show_overcommit(struct proc_text *t, int pid)
{
	proc_printf(t, "1\n");
	return 0;
}

/* As text of the links only, so that the walk goes on from /proc. */
static long self_readlink(struct inode *link, char *buf, size_t size)
{
	char text[16];
	size_t n;

	n = snprintf(text, sizeof(text), "%d", current_process() ? current_process()->pid : 0);
	memcpy(buf, text, MIN(n, size));
	return MIN(n, size);
}

static long mounts_readlink(struct inode *link, char *buf, size_t size)
{
	memcpy(buf, "self/mounts", MIN(sizeof("self/mounts") - 1, size));
	return MIN(sizeof("self/mounts") - 1, size);
}

static const struct dynamic_ops self_ops = { .readlink = self_readlink };
static const struct dynamic_ops mounts_ops = { .readlink = mounts_readlink };

#define FILE_ENTRY(name_, show_) { .name = name_, .mode = S_IFREG | 0444, .show = show_ }
#define DIR_ENTRY(name_, dir_) \
	{ .name = name_, .mode = S_IFDIR | 0555, .dynamic = &proc_table_ops, .dir = dir_ }
#define LINK_ENTRY(name_, ops_) { .name = name_, .mode = S_IFLNK | 0777, .dynamic = ops_ }

static const struct proc_entry sys_kernel[] = {
	FILE_ENTRY("hostname", show_hostname),	 FILE_ENTRY("osrelease", show_osrelease),
	FILE_ENTRY("ostype", show_ostype),	 FILE_ENTRY("pid_max", show_pid_max),
	FILE_ENTRY("version", show_kernel_version),
};
static const struct proc_dir sys_kernel_dir = { sys_kernel, ARRAY_SIZE(sys_kernel), 300 };

static const struct proc_entry sys_vm[] = { FILE_ENTRY("overcommit_memory", show_overcommit) };
static const struct proc_dir sys_vm_dir = { sys_vm, ARRAY_SIZE(sys_vm), 400 };

static const struct proc_entry sys[] = {
	DIR_ENTRY("kernel", &sys_kernel_dir),
	DIR_ENTRY("vm", &sys_vm_dir),
};
static const struct proc_dir sys_dir = { sys, ARRAY_SIZE(sys), 200 };

static const struct proc_entry root[] = {
	FILE_ENTRY("cmdline", show_cmdline),   FILE_ENTRY("cpuinfo", show_cpuinfo),
#ifdef CONFIG_DEBUG	/* kernel addresses: for root */
	{ .name = "entry_trace", .mode = S_IFREG | 0400, .show = proc_show_entry_trace },
#endif
	FILE_ENTRY("exits", proc_show_exits),
	FILE_ENTRY("filesystems", show_filesystems),
	FILE_ENTRY("interrupts", proc_show_interrupts), FILE_ENTRY("loadavg", show_loadavg),
	FILE_ENTRY("meminfo", show_meminfo),   LINK_ENTRY("mounts", &mounts_ops),
	LINK_ENTRY("self", &self_ops),	       FILE_ENTRY("stat", show_stat),
	DIR_ENTRY("sys", &sys_dir),	       FILE_ENTRY("uptime", show_uptime),
	FILE_ENTRY("version", show_version),
};
const struct proc_dir proc_system_dir = { root, ARRAY_SIZE(root), 100 };

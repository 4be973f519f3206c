/* SPDX-License-Identifier: MIT */
/* The machine as a whole: its name, its memory, its end. */
#include <asm/errno.h>
#include <linux/random.h>
#include <linux/reboot.h>
#include <linux/sysinfo.h>
#include <linux/utsname.h>
#include "kernel/cpu/clock.h"
#include "kernel/debug/machine_end.h"
#include "kernel/fs/devices.h"
#include "kernel/lib/string.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/compat.h"
#include "kernel/process/process.h"
#include "kernel/process/syscall.h"
#include "kernel/process/timespec.h"
#include "kernel/process/uname.h"

SYSCALL1(uname, void __user *, to)
{
	static const struct new_utsname name = {
		.sysname = UNAME_SYSNAME,
		.nodename = UNAME_NODENAME,
		.release = UNAME_RELEASE,
		.version = UNAME_VERSION,
		.machine = UNAME_MACHINE,
		.domainname = UNAME_DOMAINNAME,
	};

	return copy_to_user(to, &name, sizeof(name));
}

static bool count_threads(struct process *p, void *arg)
{
	*(unsigned *)arg += p->nthreads;
	return true;
}

static unsigned thread_count(void)
{
	unsigned n = 0;

	process_for_each(count_threads, &n);
	return MIN(n, 0xffffu);
}

SYSCALL1(sysinfo, void __user *, to)
{
	struct frame_stats frames = frame_stats();
	struct sysinfo s;

	memset(&s, 0, sizeof(s));	/* the gaps too */
	s.uptime = clock_monotonic_ns() / NS_PER_SEC;
	s.totalram = frames.total * PAGE_SIZE;
	s.freeram = frames.free * PAGE_SIZE;
	s.procs = thread_count();
	s.mem_unit = 1;
	return copy_to_user(to, &s, sizeof(s));
}

/* Counts pages, so that any size fits into 32 bits. */
COMPAT_SYSCALL1(sysinfo, void __user *, to)
{
	struct frame_stats frames = frame_stats();
	struct compat_sysinfo s = { .uptime = clock_monotonic_ns() / NS_PER_SEC,
				    .totalram = frames.total,
				    .freeram = frames.free,
				    .procs = thread_count(),
				    .mem_unit = PAGE_SIZE };

	return copy_to_user(to, &s, sizeof(s));
}

/* Any process may: all are root. */
SYSCALL4(reboot, uint32_t, magic1, uint32_t, magic2, uint32_t, command, void __user *, arg)
{
	if (magic1 != LINUX_REBOOT_MAGIC1 ||
	    (magic2 != LINUX_REBOOT_MAGIC2 && magic2 != LINUX_REBOOT_MAGIC2A &&
	     magic2 != LINUX_REBOOT_MAGIC2B && magic2 != LINUX_REBOOT_MAGIC2C))
		return -EINVAL;
	switch (command) {
	case LINUX_REBOOT_CMD_RESTART:
		machine_restart();
	case LINUX_REBOOT_CMD_HALT:
	case LINUX_REBOOT_CMD_POWER_OFF:
		machine_power_off(0);
	case LINUX_REBOOT_CMD_CAD_ON:
	case LINUX_REBOOT_CMD_CAD_OFF:
		return 0;	/* there is no such key */
	default:
		return -EINVAL;
	}
}

SYSCALL3(getrandom, char __user *, to, size_t, size, unsigned, flags)
{
	uint8_t buf[64];

	if ((flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) ||
	    (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	size = MIN(size, MIB(32) - 1);
	for (size_t done = 0; done < size;) {
		size_t n = MIN(size - done, sizeof(buf));

		random_bytes(buf, n);
		if (copy_to_user(to + done, buf, n))
			return done ? (long)done : -EFAULT;
		done += n;
		if (cond_resched())
			return done;
	}
	return size;
}

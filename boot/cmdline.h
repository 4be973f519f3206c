/* SPDX-License-Identifier: MIT */
/*
 * The kernel command line: words separated by blanks, "name" or "name=value"; what
 * follows "--" belongs to init.  docs/ABI.md lists every option.  An unknown option is
 * reported in one line and ends the boot with failure status: a typo in a test option
 * must not turn into a green run.
 */
#pragma once

#include "kernel/lib/compiler.h"

struct boot_options {
	bool nofsgsbase;	/* keep CR4.FSGSBASE off (spec R1.3) */
	bool nmi_early;		/* nmi=early: NMIs are unblocked before the handler runs (R2.22) */
	bool nmi_count;		/* nmi=count: NMIs that nobody sent are counted, no panic */
	unsigned nmi_storm_hz;	/* nmistorm=HZ: so many NMIs per second to every CPU; 0: none */
	bool quiet;		/* only warnings and the end on the console */
	bool verbose;		/* what firmware and loader told: memory, ACPI tables, screen */
	bool stay;		/* at the end the machine stays on: its screen can be read */
	bool tty_raw;		/* console=raw: no CR before LF, no echo on /dev/console */
	bool log_com2;		/* log=com2: kernel messages go to COM2 only */
	unsigned max_cpus;	/* maxcpus=N, 0: all */
	const char *init;	/* init=PATH, default "/sbin/init" */
	const char *ktest;	/* ktest=all|NAME: run in-kernel tests and power off */
	const char *vsyscall;	/* vsyscall=sysenter|syscall|int80|none; NULL: as the CPU has it */
	const char *init_args;	/* text after "--", blank-separated, "" if none */
};

extern struct boot_options boot_options;

/* Splits line in place.  Returns NULL, or the first unknown or malformed word. */
const char *cmdline_parse(struct boot_options *out, char *line);

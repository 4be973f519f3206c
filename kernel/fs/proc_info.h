/* SPDX-License-Identifier: MIT */
/* A process as /proc shows it. */
#pragma once

#include "kernel/fs/proc.h"
#include "kernel/process/process.h"

struct proc_info {
	int pid, ppid, pgid, sid;
	char state;		/* R, S, D, T, Z */
	char comm[16];
	unsigned nthreads, cpu;
	int nice, exit_signal;
	uint64_t runtime_ns, child_runtime_ns, start_ns;
	sigmask_t pending, shared_pending, blocked, ignored, caught;
};

/* With a reference, also to zombies; NULL: there is none of that number. */
struct process *proc_get_process(int pid);
/* -ESRCH */
int proc_get_info(int pid, struct proc_info *info);
/*
 * The address space or descriptor table of a process with a reference; NULL where it has
 * none (any more).
 */
struct mm *proc_get_mm(int pid);
struct files *proc_get_files(int pid);

/* kernel/fs/proc_status.c */
int proc_show_stat(struct proc_text *t, int pid);
int proc_show_statm(struct proc_text *t, int pid);
int proc_show_status(struct proc_text *t, int pid);
int proc_show_comm(struct proc_text *t, int pid);
/* kernel/fs/proc_mm.c */
int proc_show_maps(struct proc_text *t, int pid);
int proc_show_cmdline(struct proc_text *t, int pid);
int proc_show_environ(struct proc_text *t, int pid);
int proc_show_auxv(struct proc_text *t, int pid);
/* kernel/fs/proc_fd.c: the directory of links to open files. */
extern const struct dynamic_ops proc_fd_ops;

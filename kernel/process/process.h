/* SPDX-License-Identifier: MIT */
/*
 * A process (thread group).  process_lock (RANK_PROCESS) guards the tree, thread lists,
 * the pid table and exit state; the objects it points to have locks of their own.
 */
#pragma once

#include "kernel/process/sigstate.h"
#include "sched/thread.h"

struct mm;
struct files;
struct fs_context;
struct file;

LIST_HEAD(thread_list, thread);
LIST_HEAD(process_list, process);

enum process_state { PROCESS_ALIVE, PROCESS_ZOMBIE };

struct process {
	int pid, pgid, sid;		/* pgid, sid: RANK_PROCESS */
	uint32_t refs;			/* atomic: pid table, /proc readers */
	enum process_state state;	/* RANK_PROCESS */
	struct process *parent;		/* RANK_PROCESS */
	struct process_list children;	/* RANK_PROCESS */
	LIST_ENTRY(process) sibling;	/* RANK_PROCESS: parent->children */
	LIST_ENTRY(process) all_link;	/* RANK_PROCESS: every process */
	LIST_ENTRY(process) pid_link;	/* RANK_PROCESS: pid hash */
	struct thread_list threads;	/* RANK_PROCESS */
	unsigned nthreads;		/* RANK_PROCESS: threads that have not exited */
	struct thread *leader;

	struct mm *mm;			/* written by exec and exit of the last thread */
	struct files *files;
	struct fs_context *fs;
	struct sighand *sighand;
	struct pending_signals pending;	/* RANK_SIGNAL: process-wide */
	struct waitq signal_wait;	/* sigtimedwait, sigsuspend, pause */

	bool compat;			/* the program is 32-bit */
	bool execed;			/* since fork: setpgid rules */
	bool group_exit;		/* RANK_PROCESS: all threads are to end with exit_code */
	bool stopped, stop_reported, cont_reported; /* RANK_PROCESS: job control */
	int stop_signal;
	int exit_signal;		/* sent to the parent; SIGCHLD for fork */
	int exit_code;			/* wait status format */
	struct waitq child_wait;	/* this process waits here for its children */
	uint64_t start_ns, user_ns;
	uint64_t child_runtime_ns;
	char comm[16];
};

extern struct spinlock process_lock;
extern struct process *init_process;

static inline struct process *current_process(void)
{
	return current_thread()->process;
}

/* With process_lock held, or a reference: the process / thread with that id, or NULL. */
struct process *process_find(int pid);
struct thread *thread_find(int tid);
/* Calls fn under process_lock for every process until it returns false. */
void process_for_each(bool (*fn)(struct process *p, void *arg), void *arg);
/* The first live or zombie process with pid >= from, with a reference; NULL: no more.  For /proc. */
struct process *process_next(int from);
void process_get(struct process *p);
void process_put(struct process *p);

/* Boot: pid 1 from path, arguments from boot_options.  fatal() if it cannot start. */
void process_start_init(const char *path, const char *args);

/* Ends the calling thread / every thread of the process; code in wait status format. */
__noreturn void thread_exit(int code);
__noreturn void process_exit_group(int code);
#define EXIT_STATUS(n)   (((n) & 0xff) << 8)
#define EXIT_SIGNALED(s) ((s) & 0x7f)

/* execve in the kernel's own words (kernel/process/exec.c). Strings are kernel memory. */
struct exec_args;
int process_exec(struct file *file, const char *path, struct exec_args *args);

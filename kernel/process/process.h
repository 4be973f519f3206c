/* SPDX-License-Identifier: MIT */
/*
 * A process (thread group).
 *
 * process_lock (RANK_PROCESS, irq: always by spin_lock_irqsave, no heap calls while it is
 * held) guards the tree, the thread lists, the pid table and exit state; the objects it
 * points to have locks of their own.
 * A thread list, and what tells threads to stop or die, is written under process_lock and
 * the sighand's lock, so either is enough to read it.
 *
 * Lifetimes.  A process object has one reference for its place in the pid table (until it
 * is reaped) and one for each process_get; it keeps its pid number, and its sighand, so
 * long.  A thread object leaves every list here before thread_exit_now(), and is then the
 * scheduler's to free.
 */
#pragma once

#include "kernel/process/itimer.h"
#include "kernel/process/posix_timer.h"
#include "kernel/process/sigstate.h"
#include "sched/thread.h"

struct mm;
struct files;
struct fs_context;

LIST_HEAD(thread_list, thread);
LIST_HEAD(process_list, process);

enum process_state { PROCESS_ALIVE, PROCESS_ZOMBIE };

#define PROCESS_LIMITS 16	/* RLIM_NLIMITS */

struct process {
	int pid, pgid, sid;		/* pgid, sid: RANK_PROCESS */
	uint32_t refs;			/* atomic: pid table, /proc readers */
	enum process_state state;	/* RANK_PROCESS */
	struct process *parent;		/* RANK_PROCESS; NULL: pid 1 */
	struct process_list children;	/* RANK_PROCESS */
	LIST_ENTRY(process) sibling;	/* RANK_PROCESS: parent->children */
	LIST_ENTRY(process) all_link;	/* RANK_PROCESS: every process */
	LIST_ENTRY(process) pid_link;	/* RANK_PROCESS: pid hash */
	struct thread_list threads;	/* RANK_PROCESS and RANK_SIGNAL */
	unsigned nthreads;		/* RANK_PROCESS: threads that have not exited */
	struct thread *leader;		/* RANK_PROCESS; NULL once it has exited */

	/* Written by exec and exit of the last thread, under process_lock: NULL in a zombie. */
	struct mm *mm;
	struct files *files;
	struct fs_context *fs;
	struct sighand *sighand;
	struct pending_signals pending;	/* RANK_SIGNAL: process-wide */
	struct pending_signals discarded; /* RANK_SIGNAL: signals of timers, for them to go on */
	struct waitq signal_wait;	/* sigtimedwait */
	struct itimer itimer;
	struct cpu_itimer virtual_timer, prof_timer;
	struct posix_timer_list posix_timers;	/* RANK_ITIMER */
	int posix_timer_ids;			/* RANK_ITIMER: given out so far */

	bool compat;			/* the program is 32-bit */
	bool execed;			/* since fork: setpgid rules */
	bool unkillable;		/* pid 1: only handlers and faults count */
	/* RANK_PROCESS and RANK_SIGNAL, up to parked: */
	bool group_exit;		/* all threads are to end with exit_code */
	struct thread *exec_thread;	/* in execve: all threads but this one are to end */
	int stop_signal;		/* not 0: threads are to park, see signal_stop.c */
	unsigned continues;		/* SIGCONTs so far */
	unsigned parked;		/* threads that have */
	/* RANK_PROCESS: */
	bool stopped;			/* all of them have */
	bool stop_event, cont_event;	/* not yet seen by a wait */
	int exit_signal;		/* sent to the parent; SIGCHLD for fork; 0: none */
	int exit_code;			/* wait status format */
	struct waitq child_wait;	/* wait for children, exec for the other threads */
	uint64_t start_ns;		/* clock_monotonic_ns() */
	uint64_t user_ns;		/* RANK_PROCESS: run time of threads that have exited */
	uint64_t child_runtime_ns;	/* RANK_PROCESS: of children that were waited for */
	uint32_t personality;
	struct {
		uint64_t cur, max;
	} limit[PROCESS_LIMITS];	/* own threads; RLIM64_INFINITY: none */
	char comm[16];
};

extern struct spinlock process_lock;
extern struct process *init_process;

static inline struct process *current_process(void)
{
	return current_thread()->process;
}

/* With process_lock held: the process / thread with that id, or NULL. */
struct process *process_find(int pid);
/* Also by the number of any of its threads, as kill and others take it. */
struct process *process_of(int id);
struct thread *thread_find(int tid);
/* Calls fn under process_lock for every process until it returns false. */
void process_for_each(bool (*fn)(struct process *p, void *arg), void *arg);
/* With process_lock held. */
void process_for_each_locked(bool (*fn)(struct process *p, void *arg), void *arg);
/*
 * The first live or zombie process with pid >= from, with a reference; NULL: no more.  For
 * /proc.
 */
struct process *process_next(int from);
void process_get(struct process *p);
void process_put(struct process *p);
/* The address space with a reference, NULL for a zombie.  Thread context, no spinlock held. */
struct mm *process_get_mm(struct process *p);
/* With process_lock held: CPU time of all its threads, also those that have exited. */
uint64_t process_runtime_ns(struct process *p);

/* Boot: pid 1 from path, arguments from boot_options.  fatal() if it cannot start. */
void process_start_init(const char *path, const char *args);

/*
 * Ends the calling thread (the process too if it is the last) / every thread of the process;
 * code in wait status format.
 */
__noreturn void thread_exit(int code);
__noreturn void process_exit_group(int code);
#define EXIT_STATUS(n)   (((n) & 0xff) << 8)
#define EXIT_SIGNALED(s) ((s) & 0x7f)

/* SPDX-License-Identifier: MIT */
/* Signal state: what a thread keeps, and what all threads of a process share. */
#pragma once

#include <sys/queue.h>
#include "kernel/lib/lock.h"

#define SIGNALS 64
typedef uint64_t sigmask_t;		/* bit n - 1 stands for signal n */
#define SIGBIT(n) (1ull << ((n) - 1))

/*
 * What siginfo_t carries, in 64-bit form; kernel/process/siginfo.c turns it into the user's
 * layout.
 */
struct signal_info {
	int signo, code, errno_value;
	int pid;
	unsigned uid;
	int status;
	uint64_t addr;			/* si_addr of faults; si_value of queued signals */
	bool of_timer;			/* from timer_create's, not one that a program made up */
};

struct queued_signal {
	TAILQ_ENTRY(queued_signal) link;
	struct signal_info info;
};
TAILQ_HEAD(signal_queue, queued_signal);

/* A set of pending signals and the details of those that have some. */
struct pending_signals {
	sigmask_t set;
	struct signal_queue queue;
	struct signal_info single;	/* of one that does not queue; signo 0: of none */
};

struct thread_signals {			/* RANK_SIGNAL; blocked: own writes */
	sigmask_t blocked;
	sigmask_t saved_mask;		/* of sigsuspend, restored after the handler */
	bool restore_mask;
	struct pending_signals pending;
	uint64_t alt_sp, alt_size;	/* own: sigaltstack */
	uint32_t alt_flags;		/* as the program gave them */
	struct {			/* own: the last exception, for sigcontext */
		uint64_t error_code, cr2;
		uint32_t trapno;
	} fault;
};

struct signal_action {
	uint64_t handler;		/* SIG_DFL, SIG_IGN or a user address */
	uint64_t flags, restorer;	/* flags: SA_*, and SIGNAL_ACTION_COMPAT */
	sigmask_t mask;
};

/* Set by the i386 system calls: the handler gets an i386 frame. */
#define SIGNAL_ACTION_COMPAT (1ull << 32)

struct sighand {			/* shared with CLONE_SIGHAND */
	uint32_t refs;			/* atomic */
	struct spinlock lock;		/* RANK_SIGNAL, irq: this, and its threads' pending sets */
	struct signal_action action[SIGNALS];
};

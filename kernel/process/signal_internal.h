/* SPDX-License-Identifier: MIT */
/* What the signal files share among themselves and with exit and exec. */
#pragma once

#include <asm/signal.h>
#include <asm/siginfo.h>
#include "kernel/cpu/ptregs.h"
#include "kernel/process/compat.h"
#include "kernel/process/process.h"
#include "kernel/process/signal.h"

/* Default actions (signal(7)).  What is in none of these ends the process. */
#define SIGNALS_IGNORED (SIGBIT(SIGCHLD) | SIGBIT(SIGCONT) | SIGBIT(SIGURG) | SIGBIT(SIGWINCH))
#define SIGNALS_STOP    (SIGBIT(SIGSTOP) | SIGBIT(SIGTSTP) | SIGBIT(SIGTTIN) | SIGBIT(SIGTTOU))
#define SIGNALS_TTY_STOP (SIGNALS_STOP & ~SIGBIT(SIGSTOP))
/* Never caught, blocked or ignored. */
#define SIGNALS_ABSOLUTE (SIGBIT(SIGKILL) | SIGBIT(SIGSTOP))
/* Taken before the others, because they belong to the instruction that was interrupted. */
#define SIGNALS_FAULT                                                                      \
	(SIGBIT(SIGSEGV) | SIGBIT(SIGBUS) | SIGBIT(SIGILL) | SIGBIT(SIGTRAP) | SIGBIT(SIGFPE) | \
	 SIGBIT(SIGSYS))
/* The first signal that queues; the ones below are merged while pending. */
#define SIGNAL_FIRST_QUEUED SIGRTMIN

#define HANDLER_DEFAULT 0ull	/* SIG_DFL */
#define HANDLER_IGNORE  1ull	/* SIG_IGN */

/* Flags that a program can set; others read back as 0, so that it can ask for them (sigaction(2)). */
#define SIGNAL_ACTION_USER_FLAGS                                                            \
	((uint64_t)(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART |    \
		    SA_NODEFER | SA_RESETHAND | SA_EXPOSE_TAGBITS | SA_RESTORER) & 0xffffffff)

static inline struct signal_action *signal_action(const struct process *p, int signo)
{
	return &p->sighand->action[signo - 1];
}

/* Pending sets; with the sighand's lock held. */
/*
 * limit: RLIMIT_SIGPENDING, for those that a program queues.  0; -EAGAIN: a queued one that found
 * no room.
 */
int pending_add(struct pending_signals *p, const struct signal_info *info, uint64_t limit);
/* Takes the most urgent signal of among: its number with *info filled, or 0. */
int pending_take(struct pending_signals *p, sigmask_t among, struct signal_info *info);
/* kept: where those of timers go, for posix_timers_go_on(); NULL: nowhere. */
void pending_discard(struct pending_signals *p, sigmask_t which, struct pending_signals *kept);
/* Those of timers that are no more. */
void pending_discard_timers(struct pending_signals *p);

/* With the sighand's lock held. */
void signal_wake_thread(struct thread *t, bool kill);
/* Sets WORK_SIGNAL of current by what is pending now. */
void signal_recalc_locked(struct thread *t);
/* Hands signals of which that are pending for the whole process to threads other than but. */
void signal_retarget(struct process *p, const struct thread *but, sigmask_t which);
/* current's mask; SIGKILL and SIGSTOP are left out. */
void signal_change_blocked(sigmask_t blocked);
static inline void signal_set_blocked(sigmask_t blocked)
{
	if (blocked != current_thread()->sig.blocked)
		signal_change_blocked(blocked);
}
/*
 * Takes a signal of among for current: its number, with *action (may be NULL) as it is now.
 * 0: there is none.  WORK_SIGNAL has been recomputed by what is left.
 */
int signal_take(sigmask_t among, struct signal_info *info, struct signal_action *action);

/* How a system call was interrupted; kernel/process/signal_restart.c says what follows from it. */
enum interruption { NO_HANDLER, HANDLER, HANDLER_WITH_RESTART };
/* For the frame of the current thread, before it enters a handler; then no more. */
void restart_interrupted(struct pt_regs *regs, enum interruption how);
/*
 * The number in orig_rax is 32 bits wide (R6.13).  Interrupts, exceptions and sigreturn leave a
 * negative value there (SIG-2).
 */
static inline void restart_settle(struct pt_regs *regs, enum interruption how)
{
	if ((int32_t)regs->orig_rax >= 0 && -regs->rax - ERESTART_FIRST <= ERESTART_LAST - ERESTART_FIRST)
		restart_interrupted(regs, how);
}

/* True if the thread is to end now: exit_group, or another thread's exec. */
bool signal_must_die(const struct thread *t);

/* kernel/process/signal_stop.c */
bool signal_continue_locked(struct process *p);	/* both locks held; true: tell the parent */
void signal_stop_begin(int signo, unsigned continues_seen);
void signal_park(void);
/* process_lock held: a thread left the group, which may complete a stop. */
void signal_stop_check(struct process *p);

/*
 * kernel/process/orphan.c.  p's group is orphaned: nobody could continue it, so the terminal's stop
 * signals are ignored (POSIX 2.4).
 */
bool group_is_orphaned(struct process *p);
/*
 * process_lock held: parent is no longer the parent of a live member, whose group is marked.
 * Then, before the lock is let go: of the marked groups those that are orphaned now and have a
 * stopped process get SIGHUP and SIGCONT (POSIX _exit).
 */
void group_lost_guardian(const struct process *member, const struct process *parent);
void groups_hang_up(void);

/* process_lock held: SIGCHLD (unless SA_NOCLDSTOP) and child_wait of the parent. */
void signal_notify_job(struct process *p, int code, int status);

/* User layouts; 64-bit, or i386 if compat.  0 or -EFAULT. */
int siginfo_to_user(void __user *to, const struct signal_info *info, bool compat);
/* The whole structure, unused parts zero. */
void siginfo_fill_64(siginfo_t *to, const struct signal_info *info);
void siginfo_fill_32(struct compat_siginfo *to, const struct signal_info *info);
/* Which of its details count follows from signo; 0: it is for nobody. */
int siginfo_from_user(struct signal_info *info, int signo, const void __user *from, bool compat);

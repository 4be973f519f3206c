/* SPDX-License-Identifier: MIT */
/* Sending signals, and acting on them: handlers, default actions, restarted system calls. */
#pragma once

#include "kernel/process/sigstate.h"

struct thread;
struct process;
struct pt_regs;

/*
 * Any context but NMI.  0, or -EAGAIN for a queued one without memory.  Wakes a thread that
 * can take it.  The caller holds process_lock, or the target is the current thread/process
 * (and then the signal is not SIGCONT).
 */
int signal_send_thread(struct thread *t, const struct signal_info *info);
int signal_send_process(struct process *p, const struct signal_info *info);
/*
 * Every process of the group, without process_lock held.  -ESRCH: there is none.  Any context
 * but NMI.
 */
int signal_send_group(int pgid, const struct signal_info *info);
/*
 * A fault of the current thread: cannot be blocked or ignored - if it is, the disposition
 * is reset to default first.  Thread context.
 */
void signal_force(const struct signal_info *info);
/* The same for the usual case. addr: si_addr */
void signal_fault(int signo, int code, uint64_t addr, int trapno, uint64_t error_code);

bool signal_pending(void);
/* The current thread is about to die (SIGKILL, exit_group, another thread's exec). */
bool signal_fatal_pending(void);
/*
 * On the way to user mode with WORK_SIGNAL set, interrupts on: takes signals until none is left,
 * acts (may not return), and settles a system call that has to be restarted (spec 6.10).
 */
void signal_deliver(struct pt_regs *regs);

struct sighand *sighand_create(void);
struct sighand *sighand_copy(struct sighand *from);
void sighand_get(struct sighand *s);
void sighand_put(struct sighand *s);
/* exec: handlers back to default, ignored ones stay. */
void sighand_reset_for_exec(struct sighand *s);
void pending_flush(struct pending_signals *p);

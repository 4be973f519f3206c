/* SPDX-License-Identifier: MIT */
/*
 * Receiving signals, on the way to user mode.
 *
 * Several may be taken at once.  Each handler's frame goes on top of the one before, so the handler
 * that was entered last runs first, and its sigreturn leads into the one below.  The
 * system call that was interrupted is settled with the first of them.
 */
#include <asm/errno.h>
#include "kernel/cpu/ptregs.h"
#include "kernel/cpu/x86.h"
#include "kernel/process/itimer.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/sigframe.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/sigset.h"
#include "sched/sched.h"
#include "sched/user_state.h"

bool signal_pending(void)
{
	return READ_ONCE(current_thread()->work) & WORK_SIGNAL;
}

bool signal_must_die(const struct thread *t)
{
	const struct process *p = t->process;
	const struct thread *exec_thread = READ_ONCE(p->exec_thread);

	return READ_ONCE(p->group_exit) || (exec_thread && exec_thread != t);
}

bool signal_fatal_pending(void)
{
	const struct thread *t = current_thread();

	if (!signal_pending())
		return false;
	return signal_must_die(t) ||
	       (READ_ONCE(t->sig.pending.set) & SIGBIT(SIGKILL)) ||
	       (READ_ONCE(t->process->pending.set) & SIGBIT(SIGKILL));
}

void signal_recalc_locked(struct thread *t)
{
	const struct process *p = t->process;
	sigmask_t ready = (t->sig.pending.set | p->pending.set) & ~t->sig.blocked;

	bool want = ready || p->stop_signal || p->discarded.set || signal_must_die(t);

	/* All who change the bit hold the lock. */
	if (want == !!(READ_ONCE(t->work) & WORK_SIGNAL))
		return;
	if (want)
		__atomic_or_fetch(&t->work, WORK_SIGNAL, __ATOMIC_SEQ_CST);
	else
		__atomic_and_fetch(&t->work, ~WORK_SIGNAL, __ATOMIC_SEQ_CST);
}

void signal_change_blocked(sigmask_t blocked)
{
	struct thread *t = current_thread();
	struct process *p = t->process;
	sigmask_t newly;
	uint64_t flags;

	blocked &= ~SIGNALS_ABSOLUTE;
	if (blocked == t->sig.blocked)
		return;
	flags = spin_lock_irqsave(&p->sighand->lock);
	newly = blocked & ~t->sig.blocked;
	t->sig.blocked = blocked;
	/* What this thread was woken for and now blocks is another one's to take. */
	if (newly & p->pending.set)
		signal_retarget(p, t, newly);
	signal_recalc_locked(t);
	spin_unlock_irqrestore(&p->sighand->lock, flags);
}

/* With the sighand's lock held. */
static void take_action(struct signal_action *from, struct signal_action *to)
{
	*to = *from;
	if ((from->flags & SA_RESETHAND) && from->handler > HANDLER_IGNORE)
		from->handler = HANDLER_DEFAULT;
}

int signal_take(sigmask_t among, struct signal_info *info, struct signal_action *action)
{
	struct thread *t = current_thread();
	struct process *p = t->process;
	uint64_t flags = spin_lock_irqsave(&p->sighand->lock);
	int signo;

	/* SIGKILL before anything else, whichever set it is in. */
	if (((t->sig.pending.set | p->pending.set) & among) & SIGBIT(SIGKILL))
		among = SIGBIT(SIGKILL);
	signo = t->sig.pending.set & among ? pending_take(&t->sig.pending, among, info) : 0;
	if (!signo)
		signo = pending_take(&p->pending, among, info);
	if (signo && action)
		take_action(signal_action(p, signo), action);
	signal_recalc_locked(t);
	spin_unlock_irqrestore(&p->sighand->lock, flags);
	if (signo == SIGALRM)
		itimer_rearm(p);
	if (signo && unlikely(info->of_timer))
		posix_timer_taken(info);
	return signo;
}

/* A frame that could not be written.  If that is SIGSEGV's own, its handler is of no use. */
static void frame_failed(int signo)
{
	struct process *p = current_process();
	uint64_t flags;

	if (signo == SIGSEGV) {
		flags = spin_lock_irqsave(&p->sighand->lock);
		signal_action(p, SIGSEGV)->handler = HANDLER_DEFAULT;
		spin_unlock_irqrestore(&p->sighand->lock, flags);
	}
	sigreturn_bad_frame();
}

/*
 * DF, as the ABI demands of a function's start; TF and RF, which belong to the interrupted
 * instruction (R2.11).  AC is the program's own affair.
 */
static void run_handler(struct pt_regs *regs, const struct signal_action *a,
			const struct signal_info *info)
{
	struct thread_signals *sig = &current_thread()->sig;
	sigmask_t mask = sig->restore_mask ? sig->saved_mask : sig->blocked;
	bool compat = a->flags & SIGNAL_ACTION_COMPAT;

	restart_settle(regs, a->flags & SA_RESTART ? HANDLER_WITH_RESTART : HANDLER);
	if ((compat ? sigframe_setup_32 : sigframe_setup_64)(regs, a, info, mask)) {
		frame_failed(info->signo);
		return;
	}
	regs->rflags &= ~(X86_DF | X86_TF | X86_RF);
	xstate_load_initial();
	sig->restore_mask = false;
	if (sig->alt_flags & SS_AUTODISARM) {
		sig->alt_sp = sig->alt_size = 0;
		sig->alt_flags = SS_DISABLE;
	}
	signal_set_blocked(sig->blocked | a->mask |
			   (a->flags & SA_NODEFER ? 0 : SIGBIT(info->signo)));
}

static void default_action(const struct signal_info *info, unsigned continues)
{
	sigmask_t bit = SIGBIT(info->signo);
	struct process *p = current_process();

	if (bit & SIGNALS_IGNORED)
		return;
	if (bit & SIGNALS_STOP)
		signal_stop_begin(info->signo, continues);
	else if (!p->unkillable)
		process_exit_group(EXIT_SIGNALED(info->signo));
}

/* The mask of before sigsuspend or ppoll, if no handler's frame took it along. */
static void restore_saved_mask(struct thread *t)
{
	if (!t->sig.restore_mask)
		return;
	t->sig.restore_mask = false;
	signal_set_blocked(t->sig.saved_mask);
}

void signal_deliver(struct pt_regs *regs)
{
	struct thread *t = current_thread();
	struct process *p = t->process;
	struct signal_info info;
	struct signal_action a;

	for (;;) {
		unsigned continues = READ_ONCE(p->continues);

		if (signal_must_die(t))
			thread_exit(p->group_exit ? p->exit_code : EXIT_SIGNALED(SIGKILL));
		if (unlikely(READ_ONCE(p->discarded.set)))
			posix_timers_go_on(p);
		if (READ_ONCE(p->stop_signal) && !signal_fatal_pending()) {
			signal_park();
			continue;
		}
		if (!signal_take(~t->sig.blocked, &info, &a))
			break;
		if (a.handler > HANDLER_IGNORE)
			run_handler(regs, &a, &info);
		else if (a.handler == HANDLER_DEFAULT)
			default_action(&info, continues);
		if (!signal_pending())
			break;
	}
	restart_settle(regs, NO_HANDLER);
	restore_saved_mask(t);	/* what it lets in sets WORK_SIGNAL again */
}

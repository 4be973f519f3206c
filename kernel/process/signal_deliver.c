/* SPDX-License-Identifier: MIT */
/*
 * Receiving signals, on the way to user mode; and what becomes of the system call that they
 * interrupted.
 *
 * Handlers in user space cannot run yet: there are no signal frames.  A signal with a handler
 * is taken as if its disposition were the default, but for one thing: where the default
 * is to ignore it, the system call ends as if a handler had run and done nothing.  Frames slot in
 * at run_handler().
 */
#include <asm/errno.h>
#include <asm/siginfo.h>
#include "kernel/cpu/ptregs.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/signal_internal.h"
#include "sched/sched.h"

#define NR_RESTART_64 219	/* restart_syscall in the two tables */
#define NR_RESTART_32 0

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

	if (ready || p->stop_signal || signal_must_die(t))
		__atomic_or_fetch(&t->work, WORK_SIGNAL, __ATOMIC_SEQ_CST);
	else
		__atomic_and_fetch(&t->work, ~WORK_SIGNAL, __ATOMIC_SEQ_CST);
}

void signal_recalc(void)
{
	struct thread *t = current_thread();
	struct spinlock *lock = &t->process->sighand->lock;
	uint64_t flags = spin_lock_irqsave(lock);

	signal_recalc_locked(t);
	spin_unlock_irqrestore(lock, flags);
}

void signal_set_blocked(sigmask_t blocked)
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

int signal_take(sigmask_t among, struct signal_info *info, struct signal_action *action)
{
	struct thread *t = current_thread();
	struct process *p = t->process;
	uint64_t flags = spin_lock_irqsave(&p->sighand->lock);
	int signo;

	/* SIGKILL before anything else, whichever set it is in. */
	if (((t->sig.pending.set | p->pending.set) & among) & SIGBIT(SIGKILL))
		among = SIGBIT(SIGKILL);
	signo = pending_take(&t->sig.pending, among, info);
	if (!signo)
		signo = pending_take(&p->pending, among, info);
	if (signo && action)
		*action = *signal_action(p, signo);
	else if (!signo)
		signal_recalc_locked(t);
	spin_unlock_irqrestore(&p->sighand->lock, flags);
	return signo;
}

/* What a system call was left with when a signal came (spec 6.10). */
enum interruption { NO_HANDLER, HANDLER, HANDLER_WITH_RESTART };

/*
 * Only a frame that a system call built has a number in orig_rax: interrupts and exceptions
 * have a negative value there.  RIP stands behind SYSCALL or INT 0x80, both two bytes long.
 */
static void settle_syscall(struct pt_regs *regs, enum interruption how)
{
	const struct restart_block *restart = &current_thread()->restart;
	uint64_t number = regs->orig_rax;

	if ((int64_t)number < 0)
		return;
	switch (-(int64_t)regs->rax) {
	case ERESTARTNOINTR:
		break;
	case ERESTARTSYS:
		if (how == HANDLER)
			goto interrupted;
		break;
	case ERESTARTNOHAND:
		if (how != NO_HANDLER)
			goto interrupted;
		break;
	case ERESTART_RESTARTBLOCK:
		if (how != NO_HANDLER)
			goto interrupted;
		number = restart->compat ? NR_RESTART_32 : NR_RESTART_64;
		break;
	default:
		return;
	}
	regs->rax = number;
	regs->rip -= 2;
	return;
interrupted:
	regs->rax = -EINTR;
}

/* True if the action is a handler and could be entered: never, as long as there are no frames. */
static bool run_handler(struct pt_regs *regs, const struct signal_action *a)
{
	(void)regs;
	(void)a;
	return false;
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
	enum interruption how = NO_HANDLER;
	struct signal_info info;
	struct signal_action a;

	for (;;) {
		unsigned continues = READ_ONCE(p->continues);

		if (signal_must_die(t))
			thread_exit(p->group_exit ? p->exit_code : EXIT_SIGNALED(SIGKILL));
		if (READ_ONCE(p->stop_signal) && !signal_fatal_pending()) {
			signal_park();
			continue;
		}
		if (!signal_take(~t->sig.blocked, &info, &a)) {
			settle_syscall(regs, how);
			restore_saved_mask(t);	/* what it lets in sets WORK_SIGNAL again */
			return;
		}
		if (a.handler == HANDLER_IGNORE || run_handler(regs, &a))
			continue;
		if (a.handler != HANDLER_DEFAULT)
			how = a.flags & SA_RESTART ? HANDLER_WITH_RESTART : HANDLER;
		default_action(&info, continues);
	}
}

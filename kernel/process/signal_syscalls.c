/* SPDX-License-Identifier: MIT */
/* Dispositions, masks and waiting: what a thread says about its own signals. */
#include <asm/errno.h>
#include <linux/signal.h>
#include "kernel/lib/string.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/compat.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/sigset.h"
#include "kernel/process/syscall.h"
#include "sched/sched.h"

/* A disposition that makes the signal ignored also drops what is pending of it (POSIX 2.4.3). */
static void drop_if_ignored(struct process *p, int signo)
{
	uint64_t handler = signal_action(p, signo)->handler;
	sigmask_t bit = SIGBIT(signo);
	struct thread *t;

	if (handler != HANDLER_IGNORE && !(handler == HANDLER_DEFAULT && (SIGNALS_IGNORED & bit)))
		return;
	pending_discard(&p->pending, bit, &p->discarded);
	LIST_FOREACH(t, &p->threads, sibling)
		pending_discard(&t->sig.pending, bit, &p->discarded);
}

long signal_change_action(int signo, const struct signal_action *new, struct signal_action *old)
{
	struct process *p = current_process();
	uint64_t flags;

	if (signo < 1 || signo > SIGNALS || (new && (SIGNALS_ABSOLUTE & SIGBIT(signo))))
		return -EINVAL;
	flags = spin_lock_irqsave(&p->sighand->lock);
	*old = *signal_action(p, signo);
	old->flags &= SIGNAL_ACTION_USER_FLAGS;
	if (new) {
		*signal_action(p, signo) = *new;
		signal_action(p, signo)->flags &= SIGNAL_ACTION_USER_FLAGS | SIGNAL_ACTION_COMPAT;
		signal_action(p, signo)->mask &= ~SIGNALS_ABSOLUTE;
		drop_if_ignored(p, signo);
	}
	spin_unlock_irqrestore(&p->sighand->lock, flags);
	posix_timers_go_on(p);
	return 0;
}

/* The kernel's struct sigaction, which is not libc's. */
struct user_sigaction {
	uint64_t handler, flags, restorer, mask;
};

SYSCALL4(rt_sigaction, int, signo, const void __user *, new, void __user *, old, size_t, size)
{
	struct signal_action n, o;
	struct user_sigaction u;
	long err;

	if (size != sizeof(sigmask_t))
		return -EINVAL;
	if (new && copy_from_user(&u, new, sizeof(u)))
		return -EFAULT;
	if (new)
		n = (struct signal_action){ u.handler, u.flags, u.restorer, u.mask };
	err = signal_change_action(signo, new ? &n : NULL, &o);
	if (err || !old)
		return err;
	u = (struct user_sigaction){ o.handler, o.flags, o.restorer, o.mask };
	return copy_to_user(old, &u, sizeof(u));
}

long signal_change_mask(int how, sigmask_t set)
{
	sigmask_t blocked = current_thread()->sig.blocked;

	switch (how) {
	case SIG_BLOCK:
		signal_set_blocked(blocked | set);
		return 0;
	case SIG_UNBLOCK:
		signal_set_blocked(blocked & ~set);
		return 0;
	case SIG_SETMASK:
		signal_set_blocked(set);
		return 0;
	default:
		return -EINVAL;
	}
}

/* The 64-bit set has the same bytes in both layouts. */
SYSCALL4(rt_sigprocmask, int, how, const void __user *, new, void __user *, old, size_t, size)
{
	sigmask_t before = current_thread()->sig.blocked, set;
	long err = 0;

	if (size != sizeof(sigmask_t))
		return -EINVAL;
	if (new) {
		if (get_user_u64(&set, new))
			return -EFAULT;
		err = signal_change_mask(how, set);
	}
	if (err || !old)
		return err;
	return put_user_u64(old, before);
}

sigmask_t signal_pending_set(void)
{
	const struct thread *t = current_thread();

	return (READ_ONCE(t->sig.pending.set) | READ_ONCE(t->process->pending.set)) &
	       t->sig.blocked;
}

SYSCALL2(rt_sigpending, void __user *, set, size_t, size)
{
	sigmask_t pending = signal_pending_set();

	if (size > sizeof(pending))
		return -EINVAL;
	return copy_to_user(set, &pending, size);
}

/*
 * Whoever sends a signal wakes the thread itself that is to take it; so it sleeps on a queue of
 * its own, and others that sleep here cost the sender nothing.
 */
static void sleep_until_signal(void)
{
	struct waitq own = WAITQ(own);

	(void)wait_event(&own, false);
}

SYSCALL0(pause)
{
	sleep_until_signal();
	return -ERESTARTNOHAND;
}

/* signal_deliver gives the old mask back, after the signals that the new one lets in. */
long signal_suspend(sigmask_t mask)
{
	struct thread *t = current_thread();

	t->sig.saved_mask = t->sig.blocked;
	signal_set_blocked(mask);
	sleep_until_signal();
	t->sig.restore_mask = true;
	return -ERESTARTNOHAND;
}

SYSCALL2(rt_sigsuspend, const void __user *, set, size_t, size)
{
	sigmask_t mask;

	if (size != sizeof(mask))
		return -EINVAL;
	if (get_user_u64(&mask, set))
		return -EFAULT;
	return signal_suspend(mask);
}

long signal_change_altstack(const struct altstack *new, struct altstack *old, size_t min_size)
{
	struct thread *t = current_thread();
	bool in_use = altstack_in_use(&t->sig, thread_regs(t)->rsp);
	uint32_t mode;

	old->sp = t->sig.alt_sp;
	old->size = t->sig.alt_size;
	old->flags = t->sig.alt_flags & SS_AUTODISARM;
	if (!t->sig.alt_size)
		old->flags |= SS_DISABLE;
	else if (in_use)
		old->flags |= SS_ONSTACK;
	if (!new)
		return 0;
	if (in_use)
		return -EPERM;
	mode = new->flags & ~SS_AUTODISARM;
	if (mode != 0 && mode != SS_ONSTACK && mode != SS_DISABLE)
		return -EINVAL;
	if (new->sp == t->sig.alt_sp && new->size == t->sig.alt_size &&
	    new->flags == t->sig.alt_flags)
		return 0;
	if (mode != SS_DISABLE && new->size < min_size)
		return -ENOMEM;
	t->sig.alt_sp = mode == SS_DISABLE ? 0 : new->sp;
	t->sig.alt_size = mode == SS_DISABLE ? 0 : new->size;
	t->sig.alt_flags = new->flags;
	return 0;
}

SYSCALL2(sigaltstack, const void __user *, new, void __user *, old)
{
	struct altstack n, o;
	stack_t u;
	long err;

	if (new && copy_from_user(&u, new, sizeof(u)))
		return -EFAULT;
	if (new)
		n = (struct altstack){ (uintptr_t)u.ss_sp, u.ss_size, u.ss_flags };
	err = signal_change_altstack(new ? &n : NULL, &o, MINSIGSTKSZ);
	if (err || !old)
		return err;
	memset(&u, 0, sizeof(u));	/* the gap too */
	u.ss_sp = (void *)o.sp;
	u.ss_size = o.size;
	u.ss_flags = o.flags;
	return copy_to_user(old, &u, sizeof(u));
}

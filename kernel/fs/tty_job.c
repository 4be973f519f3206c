/* SPDX-License-Identifier: MIT */
/* Job control: whose terminal it is, and which process group is in the foreground. */
#include <asm/errno.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include "kernel/fs/tty.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/process_tree.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/signal.h"

bool tty_controls_caller(void)
{
	return tty.session && tty.session == current_process()->sid;
}

static bool is_ignored_or_blocked(int signo)
{
	const struct process *p = current_process();

	/* SIG_IGN is 1. */
	return p->sighand->action[signo - 1].handler == 1 ||
	       current_thread()->sig.blocked & SIGBIT(signo);
}

int tty_check_foreground(int signo)
{
	struct signal_info info = { .signo = signo, .code = SI_KERNEL };
	int pgid = current_process()->pgid;

	if (!tty_controls_caller() || !tty.foreground || tty.foreground == pgid)
		return 0;
	if (is_ignored_or_blocked(signo))
		return signo == SIGTTOU ? 0 : -EIO;
	if (group_is_orphaned(current_process()))
		return -EIO;	/* nothing would stop it, so it would try for ever */
	signal_send_group(pgid, &info);
	return -ERESTARTSYS;
}

/* A session ends with its leader; its terminal is then free for another one. */
static bool has_leader(int session)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	const struct process *p = process_find(session);
	bool alive = p && p->state == PROCESS_ALIVE;

	spin_unlock_irqrestore(&process_lock, flags);
	return alive;
}

static long set_controlling(bool steal)
{
	struct process *p = current_process();
	uint64_t flags;
	long ret = 0;

	if (p->pid != p->sid)
		return -EPERM;
	steal |= !has_leader(tty.session);
	flags = spin_lock_irqsave(&tty.lock);
	if (tty.session && tty.session != p->sid && !steal) {
		ret = -EPERM;
	} else if (tty.session != p->sid) {
		tty.session = p->sid;
		tty.foreground = p->pgid;
	}
	spin_unlock_irqrestore(&tty.lock, flags);
	return ret;
}

static void set_session(int session, int foreground)
{
	uint64_t flags = spin_lock_irqsave(&tty.lock);

	tty.session = session;
	tty.foreground = foreground;
	spin_unlock_irqrestore(&tty.lock, flags);
}

/* The session leader gives the terminal up: its foreground jobs are told. */
static long give_up(void)
{
	struct signal_info hang_up = { .signo = SIGHUP, .code = SI_KERNEL };
	struct signal_info go_on = { .signo = SIGCONT, .code = SI_KERNEL };
	int foreground = tty.foreground;

	if (!tty_controls_caller())
		return -ENOTTY;
	if (current_process()->pid != tty.session)
		return 0;
	set_session(0, 0);
	if (foreground) {
		signal_send_group(foreground, &hang_up);
		signal_send_group(foreground, &go_on);
	}
	return 0;
}

static long check_group(int pgid, int sid)
{
	uint64_t flags = spin_lock_irqsave(&process_lock);
	const struct process *p = process_find_member(pgid);
	long err = !p ? -ESRCH : p->sid != sid ? -EPERM : 0;	/* all members are of one session */

	spin_unlock_irqrestore(&process_lock, flags);
	return err;
}

static long set_foreground(const void __user *arg)
{
	int sid = current_process()->sid;
	uint32_t pgid;
	long err;

	if (!tty_controls_caller())
		return -ENOTTY;
	err = tty_check_foreground(SIGTTOU);
	if (err)
		return err == -EIO ? -ENOTTY : err;
	if (get_user_u32(&pgid, arg))
		return -EFAULT;
	if ((int)pgid < 0)
		return -EINVAL;
	err = check_group(pgid, sid);
	if (err)
		return err;
	set_session(sid, pgid);
	return 0;
}

long tty_job_ioctl(unsigned cmd, uintptr_t arg)
{
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case TIOCSCTTY:
		return set_controlling(arg == 1);
	case TIOCNOTTY:
		return give_up();
	case TIOCSPGRP:
		return set_foreground(user);
	case TIOCGPGRP:
		return tty_controls_caller() ? put_user_u32(user, tty.foreground) : -ENOTTY;
	case TIOCGSID:
		return tty_controls_caller() ? put_user_u32(user, tty.session) : -ENOTTY;
	default:
		return -ENOTTY;
	}
}

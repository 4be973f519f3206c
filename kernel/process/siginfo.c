/* SPDX-License-Identifier: MIT */
/* siginfo_t in its two user layouts, both 128 bytes, unused parts zero. */
#include <asm/errno.h>
#include <asm/signal.h>
#include <asm/siginfo.h>
#include "kernel/lib/string.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/compat.h"
#include "kernel/process/signal_internal.h"

enum layout { LAYOUT_QUEUE, LAYOUT_FAULT, LAYOUT_CHILD };

/* Which member of the union is meant follows from signo and code, as in signal(7). */
static enum layout layout_of(const struct signal_info *info)
{
	if (info->signo < 1 || info->code <= 0 || info->code == SI_KERNEL)
		return LAYOUT_QUEUE;
	if (info->signo == SIGCHLD)
		return LAYOUT_CHILD;
	return SIGNALS_FAULT & SIGBIT(info->signo) ? LAYOUT_FAULT : LAYOUT_QUEUE;
}

void siginfo_fill_64(siginfo_t *u, const struct signal_info *info)
{
	memset(u, 0, sizeof(*u));
	u->si_signo = info->signo;
	u->si_errno = info->errno_value;
	u->si_code = info->code;
	switch (layout_of(info)) {
	case LAYOUT_FAULT:
		u->si_addr = (void *)info->addr;
		break;
	case LAYOUT_CHILD:
		u->si_pid = info->pid;
		u->si_uid = info->uid;
		u->si_status = info->status;
		break;
	case LAYOUT_QUEUE:
		u->si_pid = info->pid;
		u->si_uid = info->uid;
		u->si_ptr = (void *)info->addr;
		break;
	}
}

void siginfo_fill_32(struct compat_siginfo *u, const struct signal_info *info)
{
	memset(u, 0, sizeof(*u));
	u->signo = info->signo;
	u->errno_value = info->errno_value;
	u->code = info->code;
	switch (layout_of(info)) {
	case LAYOUT_FAULT:
		u->addr = info->addr;
		break;
	case LAYOUT_CHILD:
		u->child.pid = info->pid;
		u->child.uid = info->uid;
		u->child.status = info->status;
		break;
	case LAYOUT_QUEUE:
		u->queue.pid = info->pid;
		u->queue.uid = info->uid;
		u->queue.value = info->addr;
		break;
	}
}

int siginfo_to_user(void __user *to, const struct signal_info *info, bool compat)
{
	union {
		siginfo_t native;
		struct compat_siginfo compat;
	} u;

	if (compat)
		siginfo_fill_32(&u.compat, info);
	else
		siginfo_fill_64(&u.native, info);
	return copy_to_user(to, &u, compat ? sizeof(u.compat) : sizeof(u.native));
}

static void take_64(struct signal_info *info, const siginfo_t *u)
{
	info->errno_value = u->si_errno;
	info->code = u->si_code;
	switch (layout_of(info)) {
	case LAYOUT_FAULT:
		info->addr = (uintptr_t)u->si_addr;
		break;
	case LAYOUT_CHILD:
		info->pid = u->si_pid;
		info->uid = u->si_uid;
		info->status = u->si_status;
		break;
	case LAYOUT_QUEUE:
		info->pid = u->si_pid;
		info->uid = u->si_uid;
		info->addr = (uintptr_t)u->si_ptr;
		break;
	}
}

static void take_32(struct signal_info *info, const struct compat_siginfo *u)
{
	info->errno_value = u->errno_value;
	info->code = u->code;
	switch (layout_of(info)) {
	case LAYOUT_FAULT:
		info->addr = u->addr;
		break;
	case LAYOUT_CHILD:
		info->pid = u->child.pid;
		info->uid = u->child.uid;
		info->status = u->child.status;
		break;
	case LAYOUT_QUEUE:
		info->pid = u->queue.pid;
		info->uid = u->queue.uid;
		info->addr = u->queue.value;
		break;
	}
}

int siginfo_from_user(struct signal_info *info, int signo, const void __user *from, bool compat)
{
	struct compat_siginfo c;
	siginfo_t n;

	*info = (struct signal_info){ .signo = signo };
	if (copy_from_user(compat ? (void *)&c : &n, from, compat ? sizeof(c) : sizeof(n)))
		return -EFAULT;
	if (compat)
		take_32(info, &c);
	else
		take_64(info, &n);
	return 0;
}

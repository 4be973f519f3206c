/* SPDX-License-Identifier: MIT */
/* The i386 forms of the signal calls, old and rt. */
#include <asm/errno.h>
#include <asm/signal.h>
#include "kernel/mm/usercopy.h"
#include "kernel/process/compat.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/sigset.h"
#include "kernel/process/syscall.h"

COMPAT_SYSCALL4(rt_sigaction, int, signo, const void __user *, new, void __user *, old,
		size_t, size)
{
	struct signal_action n, o;
	struct compat_sigaction u;
	long err;

	if (size != sizeof(sigmask_t))
		return -EINVAL;
	if (new && copy_from_user(&u, new, sizeof(u)))
		return -EFAULT;
	if (new)
		n = (struct signal_action){ u.handler, u.flags | SIGNAL_ACTION_COMPAT, u.restorer,
					    (uint64_t)u.mask[1] << 32 | u.mask[0] };
	err = signal_change_action(signo, new ? &n : NULL, &o);
	if (err || !old)
		return err;
	u = (struct compat_sigaction){ o.handler, o.flags, o.restorer, { o.mask, o.mask >> 32 } };
	return copy_to_user(old, &u, sizeof(u));
}

COMPAT_SYSCALL3(sigaction, int, signo, const void __user *, new, void __user *, old)
{
	struct compat_old_sigaction u;
	struct signal_action n, o;
	long err;

	if (new && copy_from_user(&u, new, sizeof(u)))
		return -EFAULT;
	if (new)
		n = (struct signal_action){ u.handler, u.flags | SIGNAL_ACTION_COMPAT, u.restorer,
					    u.mask };
	err = signal_change_action(signo, new ? &n : NULL, &o);
	if (err || !old)
		return err;
	u = (struct compat_old_sigaction){ o.handler, o.mask, o.flags, o.restorer };
	return copy_to_user(old, &u, sizeof(u));
}

/* signal(2) of System V: one shot, not masked. */
COMPAT_SYSCALL2(signal, int, signo, uint64_t, handler)
{
	struct signal_action n = {
		.handler = handler,
		.flags = SA_RESETHAND | SA_NODEFER | SIGNAL_ACTION_COMPAT,
	}, o;
	long err = signal_change_action(signo, &n, &o);

	return err ? err : (long)o.handler;
}

/* The old calls know the first 32 signals; the others keep their state but for SIG_SETMASK. */
COMPAT_SYSCALL3(sigprocmask, int, how, const void __user *, new, void __user *, old)
{
	sigmask_t before = current_thread()->sig.blocked, wide = 0;
	uint32_t set;
	long err = 0;

	if (new) {
		if (get_user_u32(&set, new))
			return -EFAULT;
		if (how == SIG_SETMASK)
			wide |= before >> 32 << 32;
		err = signal_change_mask(how, wide | set);
	}
	if (err || !old)
		return err;
	return put_user_u32(old, before);
}

COMPAT_SYSCALL1(sigpending, void __user *, set)
{
	return put_user_u32(set, signal_pending_set());
}

/* Two arguments that nobody uses, then the mask itself. */
COMPAT_SYSCALL3(sigsuspend, int, unused1, int, unused2, uint32_t, mask)
{
	return signal_suspend(mask);
}

COMPAT_SYSCALL2(sigaltstack, const void __user *, new, void __user *, old)
{
	struct compat_stack_t u;
	struct altstack n, o;
	long err;

	if (new && copy_from_user(&u, new, sizeof(u)))
		return -EFAULT;
	if (new)
		n = (struct altstack){ u.sp, u.size, u.flags };
	err = signal_change_altstack(new ? &n : NULL, &o, COMPAT_MINSIGSTKSZ);
	if (err || !old)
		return err;
	u = (struct compat_stack_t){ o.sp, o.flags, o.size };
	return copy_to_user(old, &u, sizeof(u));
}

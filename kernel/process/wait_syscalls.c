/* SPDX-License-Identifier: MIT */
/* wait4, waitid, waitpid in both layouts. */
#include <asm/errno.h>
#include <limits.h>
#include <linux/wait.h>
#include "kernel/mm/usercopy.h"
#include "kernel/process/process.h"
#include "kernel/process/rusage.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/syscall.h"
#include "kernel/process/wait.h"

#define WAIT4_OPTIONS  (WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL)
#define WAITID_OPTIONS \
	(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL)

static long wait4_common(int pid, void __user *status, int options, void __user *usage, bool compat)
{
	struct wait_request w = { .type = P_ALL, .options = options | WEXITED };
	int result;

	if (options & ~WAIT4_OPTIONS)
		return -EINVAL;
	if (pid == INT_MIN)
		return -ESRCH;
	if (pid > 0) {
		w.type = P_PID;
		w.id = pid;
	} else if (pid != -1) {
		w.type = P_PGID;
		w.id = pid ? -pid : current_process()->pgid;
	}
	result = process_wait(&w);
	if (result <= 0)
		return result;
	if (status && put_user_u32(status, w.status))
		return -EFAULT;
	if (usage && rusage_to_user(usage, w.runtime_ns, compat))
		return -EFAULT;
	return result;
}

SYSCALL4(wait4, int, pid, void __user *, status, int, options, void __user *, usage)
{
	return wait4_common(pid, status, options, usage, false);
}

COMPAT_SYSCALL4(wait4, int, pid, void __user *, status, int, options, void __user *, usage)
{
	return wait4_common(pid, status, options, usage, true);
}

COMPAT_SYSCALL3(waitpid, int, pid, void __user *, status, int, options)
{
	return wait4_common(pid, status, options, NULL, true);
}

/* Linux's order: usage, then info; without news info is zeroed. */
static long waitid_common(int type, int id, void __user *infop, int options, void __user *usage,
		      bool compat)
{
	struct wait_request w = { .type = type, .id = id, .options = options };
	int result;

	if ((options & ~WAITID_OPTIONS) || !(options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	if (type != P_ALL && type != P_PID && type != P_PGID)
		return type == P_PIDFD && id >= 0 ? -EBADF : -EINVAL;
	if ((type == P_PID && id <= 0) || (type == P_PGID && id < 0))
		return -EINVAL;
	if (type == P_PGID && id == 0)
		w.id = current_process()->pgid;
	result = process_wait(&w);
	if (result < 0)
		return result;
	if (result > 0 && usage && rusage_to_user(usage, w.runtime_ns, compat))
		return -EFAULT;
	if (infop && siginfo_to_user(infop, &w.info, compat))
		return -EFAULT;
	return 0;
}

SYSCALL5(waitid, int, type, int, id, void __user *, infop, int, options, void __user *, usage)
{
	return waitid_common(type, id, infop, options, usage, false);
}

COMPAT_SYSCALL5(waitid, int, type, int, id, void __user *, infop, int, options,
		void __user *, usage)
{
	return waitid_common(type, id, infop, options, usage, true);
}

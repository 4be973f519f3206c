/* SPDX-License-Identifier: MIT */
/* Numbers of the ABI in words, for diagnostics. */
#include "user/lib/child.h"
#include "user/lib/print.h"
#include "user/lib/sys.h"

#define NAME(x) { x, #x }
struct name {
	int number;
	const char *text;
};

static const struct name errnos[] = {
	NAME(EPERM), NAME(ENOENT), NAME(ESRCH), NAME(EINTR), NAME(EIO), NAME(ENXIO), NAME(E2BIG),
	NAME(ENOEXEC), NAME(EBADF), NAME(ECHILD), NAME(EAGAIN), NAME(ENOMEM), NAME(EACCES),
	NAME(EFAULT), NAME(EBUSY), NAME(EEXIST), NAME(EXDEV), NAME(ENODEV), NAME(ENOTDIR),
	NAME(EISDIR), NAME(EINVAL), NAME(EMFILE), NAME(ENOTTY), NAME(ETXTBSY), NAME(EFBIG),
	NAME(ENOSPC), NAME(ESPIPE), NAME(EROFS), NAME(EPIPE), NAME(ERANGE), NAME(EDEADLK),
	NAME(ENAMETOOLONG), NAME(ENOSYS), NAME(ENOTEMPTY), NAME(ELOOP), NAME(ETIMEDOUT),
	NAME(EOVERFLOW), NAME(EOPNOTSUPP),
};

static const struct name signals[] = {
	NAME(SIGHUP), NAME(SIGINT), NAME(SIGQUIT), NAME(SIGILL), NAME(SIGTRAP), NAME(SIGABRT),
	NAME(SIGBUS), NAME(SIGFPE), NAME(SIGKILL), NAME(SIGUSR1), NAME(SIGSEGV), NAME(SIGUSR2),
	NAME(SIGPIPE), NAME(SIGALRM), NAME(SIGTERM), NAME(SIGCHLD), NAME(SIGCONT), NAME(SIGSTOP),
	NAME(SIGTSTP), NAME(SIGTTIN), NAME(SIGTTOU), NAME(SIGURG), NAME(SIGWINCH), NAME(SIGSYS),
};

static const char *find(const struct name *table, size_t n, int number)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].number == number)
			return table[i].text;
	return "?";
}

const char *errno_name(int number)
{
	return find(errnos, COUNT(errnos), number);
}

const char *signal_name(int number)
{
	return find(signals, COUNT(signals), number);
}

const char *describe_result(char *buf, size_t size, long value)
{
	if (is_error(value))
		format(buf, size, "-%s (%ld)", errno_name((int)-value), value);
	else
		format(buf, size, "%ld", value);
	return buf;
}

const char *describe_status(char *buf, size_t size, int status)
{
	if (WIFEXITED(status))
		format(buf, size, "exit %d", WEXITSTATUS(status));
	else if (WIFSTOPPED(status))
		format(buf, size, "stopped by %s (%d)", signal_name(WSTOPSIG(status)),
		       WSTOPSIG(status));
	else if (status == 0xffff)
		format(buf, size, "continued");
	else
		format(buf, size, "killed by %s (%d)", signal_name(WTERMSIG(status)),
		       WTERMSIG(status));
	return buf;
}

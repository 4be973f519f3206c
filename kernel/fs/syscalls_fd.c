/* SPDX-License-Identifier: MIT */
/*
 * System calls about descriptors: close, dup, fcntl, ioctl, and those that write back what
 * is never dirty.
 */
#include <asm/errno.h>
#include <asm/ioctls.h>
#include <linux/close_range.h>
#include <linux/fcntl.h>
#include "kernel/fs/fd.h"
#include "kernel/fs/mode.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/process.h"
#include "kernel/process/syscall.h"

SYSCALL1(close, int, fd)
{
	return fd_close(fd);
}

static int unshare_files(void)
{
	struct process *p = current_process();
	struct files *old = p->files, *copy = files_copy(old);
	uint64_t flags;

	if (!copy)
		return -ENOMEM;
	flags = spin_lock_irqsave(&process_lock);
	p->files = copy;
	spin_unlock_irqrestore(&process_lock, flags);
	files_put(old);
	return 0;
}

SYSCALL3(close_range, unsigned, first, unsigned, last, unsigned, flags)
{
	int err = 0;

	if (first > last || flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC))
		return -EINVAL;
	/*
	 * Threads of one process share one pointer to the table, so it can only be unshared
	 * from other processes.
	 */
	if (flags & CLOSE_RANGE_UNSHARE)
		err = current_process()->nthreads > 1 ? -EINVAL : unshare_files();
	if (!err)
		files_close_range(current_process()->files, first, last,
				  flags & CLOSE_RANGE_CLOEXEC);
	return err;
}

SYSCALL1(dup, int, fd)
{
	struct file *file = fd_get(fd);

	return file ? fd_install(file, 0, false) : -EBADF;
}

SYSCALL2(dup2, int, from, int, to)
{
	struct file *file = fd_get(from);

	if (!file)
		return -EBADF;
	if (from == to) {
		file_put(file);
		return to;
	}
	return fd_replace(to, file, false);
}

SYSCALL3(dup3, int, from, int, to, unsigned, flags)
{
	struct file *file;

	if (flags & ~O_CLOEXEC || from == to)
		return -EINVAL;
	file = fd_get(from);
	return file ? fd_replace(to, file, flags & O_CLOEXEC) : -EBADF;
}

#define SETTABLE (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME)

static long set_flags(struct file *file, unsigned flags)
{
	unsigned old = __atomic_load_n(&file->flags, __ATOMIC_RELAXED), new;

	do {
		new = (old & ~SETTABLE) | (flags & SETTABLE);
	} while (!__atomic_compare_exchange_n(&file->flags, &old, new, false, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	return 0;
}

/* Record locks are not kept, and nobody is told that he has one. */
static long control(int fd, struct file *file, unsigned cmd, uint64_t arg)
{
	switch (cmd) {
	case F_GETFD:
		return fd_get_cloexec(fd) ? FD_CLOEXEC : 0;
	case F_SETFD:
		fd_set_cloexec(fd, arg & FD_CLOEXEC);
		return 0;
	case F_GETFL:
		return file->flags;
	}
	if (file->flags & O_PATH)
		return -EBADF;
	return cmd == F_SETFL ? set_flags(file, arg) : -EINVAL;
}

SYSCALL3(fcntl, int, fd, unsigned, cmd, uint64_t, arg)
{
	struct file *file = fd_get(fd);
	long ret;

	if (!file)
		return -EBADF;
	if (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC) {
		if (arg < fd_limit())
			return fd_install(file, arg, cmd == F_DUPFD_CLOEXEC);
		ret = -EINVAL;
	} else {
		ret = control(fd, file, cmd, arg);
	}
	file_put(file);
	return ret;
}

/* What every file knows; the rest is its own affair. */
static long file_ioctl(int fd, struct file *file, unsigned cmd, uintptr_t arg, bool compat)
{
	uint32_t on;

	switch (cmd) {
	case FIOCLEX:
	case FIONCLEX:
		fd_set_cloexec(fd, cmd == FIOCLEX);
		return 0;
	case FIONBIO:
		if (get_user_u32(&on, (void __user *)arg))
			return -EFAULT;
		return set_flags(file, (file->flags & ~O_NONBLOCK) | (on ? O_NONBLOCK : 0));
	case FIONREAD:
		if (S_ISREG(file->inode->mode))
			return put_user_u32((void __user *)arg, file->inode->size - file->pos);
	}
	if (!file->ops || !file->ops->ioctl)
		return -ENOTTY;
	return file->ops->ioctl(file, cmd, arg, compat);
}

static long ioctl_fd(int fd, unsigned cmd, uintptr_t arg, bool compat)
{
	struct file *file = fd_get(fd);
	long ret;

	if (!file)
		return -EBADF;
	ret = file->flags & O_PATH ? -EBADF : file_ioctl(fd, file, cmd, arg, compat);
	file_put(file);
	return ret;
}

SYSCALL3(ioctl, int, fd, unsigned, cmd, uintptr_t, arg)
{
	return ioctl_fd(fd, cmd, arg, false);
}

COMPAT_SYSCALL3(ioctl, int, fd, unsigned, cmd, uint32_t, arg)
{
	return ioctl_fd(fd, cmd, arg, true);
}

/* Memory is all there is: nothing to write back.  Pipes and terminals say -EINVAL, as on Linux. */
static long sync_fd(int fd)
{
	struct file *file = fd_get_open(fd);
	long ret;

	if (!file)
		return -EBADF;
	ret = S_ISREG(file->inode->mode) || S_ISDIR(file->inode->mode) ? 0 : -EINVAL;
	file_put(file);
	return ret;
}

SYSCALL1(fsync, int, fd)
{
	return sync_fd(fd);
}

SYSCALL1(fdatasync, int, fd)
{
	return sync_fd(fd);
}

SYSCALL1(syncfs, int, fd)
{
	struct file *file = fd_get_open(fd);

	if (!file)
		return -EBADF;
	file_put(file);
	return 0;
}

SYSCALL0(sync)
{
	return 0;
}

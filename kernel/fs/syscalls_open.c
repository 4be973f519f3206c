/* SPDX-License-Identifier: MIT */
/* System calls that make descriptors: open and its kin, pipe, memfd_create. */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/memfd.h>
#include "kernel/fs/at.h"
#include "kernel/fs/fd.h"
#include "kernel/fs/open.h"
#include "kernel/fs/pipe.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/syscall.h"

/* The number is reserved first: without one, nothing must be created or cut. */
static long open_user(int dirfd, const char __user *user, unsigned flags, unsigned mode)
{
	struct file *file;
	char *path;
	long err = path_from_user(user, &path);
	int fd;

	if (err)
		return err;
	fd = fd_reserve(0, flags & O_CLOEXEC);
	err = fd < 0 ? fd : open_at(dirfd, path, flags, mode, &file);
	kfree(path);
	if (!err)
		fd_publish(fd, file);
	else if (fd >= 0)
		fd_release(fd);
	return err ?: fd;
}

SYSCALL3(open, const char __user *, path, unsigned, flags, unsigned, mode)
{
	return open_user(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

SYSCALL4(openat, int, dirfd, const char __user *, path, unsigned, flags, unsigned, mode)
{
	return open_user(dirfd, path, flags | O_LARGEFILE, mode);
}

COMPAT_SYSCALL3(open, const char __user *, path, unsigned, flags, unsigned, mode)
{
	return open_user(AT_FDCWD, path, flags, mode);
}

COMPAT_SYSCALL4(openat, int, dirfd, const char __user *, path, unsigned, flags, unsigned, mode)
{
	return open_user(dirfd, path, flags, mode);
}

SYSCALL2(creat, const char __user *, path, unsigned, mode)
{
	return open_user(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

static long install_pipe(int __user *user, struct file *ends[2], bool cloexec)
{
	int fd[2] = { fd_reserve(0, cloexec), -1 };
	long err = fd[0] < 0 ? fd[0] : 0;

	if (!err) {
		fd[1] = fd_reserve(0, cloexec);
		err = fd[1] < 0 ? fd[1] : copy_to_user(user, fd, sizeof(fd));
	}
	for (unsigned i = 0; i < 2; i++) {
		if (!err) {
			fd_publish(fd[i], ends[i]);
			continue;
		}
		if (fd[i] >= 0)
			fd_release(fd[i]);
		file_put(ends[i]);
	}
	return err;
}

SYSCALL2(pipe2, int __user *, fds, unsigned, flags)
{
	struct file *ends[2];
	int err;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	err = pipe_create(flags & O_NONBLOCK, ends);
	return err ?: install_pipe(fds, ends, flags & O_CLOEXEC);
}

SYSCALL1(pipe, int __user *, fds)
{
	return sys_pipe2((uintptr_t)fds, 0, 0, 0, 0, 0);
}

SYSCALL2(memfd_create, const char __user *, name, unsigned, flags)
{
	struct file *file;
	char *copy;
	int err;

	if (flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING))
		return -EINVAL;
	err = path_from_user(name, &copy);	/* only looked at, as nothing shows it */
	if (err)
		return err == -ENAMETOOLONG ? -EINVAL : err;
	kfree(copy);
	file = shmem_file_create(0);
	return file ? fd_install(file, 0, flags & MFD_CLOEXEC) : -ENOMEM;
}

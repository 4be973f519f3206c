/* SPDX-License-Identifier: MIT */
/* System calls that set sizes and times: truncate, utimensat. */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include "kernel/cpu/clock.h"
#include "kernel/fs/at.h"
#include "kernel/fs/fd.h"
#include "kernel/fs/mode.h"
#include "kernel/fs/regular.h"
#include "kernel/fs/stat.h"
#include "kernel/process/compat.h"
#include "kernel/process/syscall.h"
#include "kernel/process/timespec.h"

static long truncate_path(const char __user *path, int64_t size)
{
	struct inode *inode;
	long err;

	if (size < 0)
		return -EINVAL;
	err = inode_at(AT_FDCWD, path, 0, &inode);
	if (err)
		return err;
	if (S_ISDIR(inode->mode))
		err = -EISDIR;
	else if (inode_is_plain(inode))
		err = inode_truncate(inode, size);
	else
		err = S_ISREG(inode->mode) ? 0 : -EINVAL;	/* /proc has nothing to cut */
	inode_put(inode);
	return err;
}

static long truncate_fd(int fd, int64_t size)
{
	struct file *file = fd_get(fd);
	long err = -EINVAL;

	if (!file)
		return size < 0 ? -EINVAL : -EBADF;
	if (file->flags & O_PATH)
		err = size < 0 ? -EINVAL : -EBADF;
	else if (size >= 0 && file_allows(file, FILE_WRITE) && inode_is_plain(file->inode))
		err = inode_truncate(file->inode, size);
	file_put(file);
	return err;
}

SYSCALL2(truncate, const char __user *, path, int64_t, size)
{
	return truncate_path(path, size);
}

SYSCALL2(ftruncate, int, fd, int64_t, size)
{
	return truncate_fd(fd, size);
}

COMPAT_SYSCALL2(truncate, const char __user *, path, int32_t, size)
{
	return truncate_path(path, size);
}

COMPAT_SYSCALL2(ftruncate, int, fd, int32_t, size)
{
	return truncate_fd(fd, size);
}

COMPAT_SYSCALL3(truncate64, const char __user *, path, uint32_t, low, uint32_t, high)
{
	return truncate_path(path, (int64_t)((uint64_t)high << 32 | low));
}

COMPAT_SYSCALL3(ftruncate64, int, fd, uint32_t, low, uint32_t, high)
{
	return truncate_fd(fd, (int64_t)((uint64_t)high << 32 | low));
}

/* utimensat(2)'s special nanoseconds. */
#define NSEC_NOW  ((1l << 30) - 1)
#define NSEC_OMIT ((1l << 30) - 2)

static bool times_valid(const struct __kernel_timespec times[2])
{
	for (unsigned i = 0; i < 2; i++) {
		uint64_t nsec = times[i].tv_nsec;

		if (nsec >= NS_PER_SEC && nsec != NSEC_NOW && nsec != NSEC_OMIT)
			return false;
	}
	return true;
}

/* The nearest time that the inode can hold, for what lies before 1970 or after 2262. */
static void set_time(uint64_t *field, struct __kernel_timespec t, uint64_t now)
{
	int64_t latest = INT64_MAX / NS_PER_SEC, sec = MIN(t.tv_sec, latest);

	if (t.tv_nsec == NSEC_NOW)
		*field = now;
	else if (t.tv_nsec != NSEC_OMIT)
		*field = MAX(sec, 0) * NS_PER_SEC + t.tv_nsec;
}

static long set_times(int dirfd, const char __user *path, const struct __kernel_timespec times[2],
		      unsigned flags)
{
	uint64_t now = clock_realtime_ns();
	struct inode *inode;
	struct file *file;
	long err;

	if (!times_valid(times) || flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (path) {
		err = inode_at(dirfd, path, flags, &inode);
		if (err)
			return err;
	} else {
		if (dirfd == AT_FDCWD)
			return -EFAULT;
		file = fd_get_open(dirfd);
		if (!file)
			return -EBADF;
		inode = file->inode;
		inode_get(inode);
		file_put(file);
	}
	set_time(&inode->atime, times[0], now);
	set_time(&inode->mtime, times[1], now);
	inode->ctime = now;
	inode_put(inode);
	return 0;
}

static const struct __kernel_timespec both_now[2] = { { 0, NSEC_NOW }, { 0, NSEC_NOW } };

SYSCALL4(utimensat, int, dirfd, const char __user *, path, const void __user *, user,
	 unsigned, flags)
{
	struct __kernel_timespec times[2];

	if (!user)
		return set_times(dirfd, path, both_now, flags);
	for (unsigned i = 0; i < 2; i++) {
		if (timespec_copy(&times[i], (const struct __kernel_timespec __user *)user + i))
			return -EFAULT;
	}
	return set_times(dirfd, path, times, flags);
}

COMPAT_SYSCALL4(utimensat, int, dirfd, const char __user *, path, const void __user *, user,
		unsigned, flags)
{
	struct __kernel_timespec times[2];
	struct compat_timespec c[2];

	if (!user)
		return set_times(dirfd, path, both_now, flags);
	if (copy_from_user(c, user, sizeof(c)))
		return -EFAULT;
	for (unsigned i = 0; i < 2; i++)
		times[i] = (struct __kernel_timespec){ c[i].tv_sec, c[i].tv_nsec };
	return set_times(dirfd, path, times, flags);
}

/* SPDX-License-Identifier: MIT */
/*
 * System calls that change or check attributes: chmod, chown, access.  Everybody is root here, so
 * owners and permissions are kept for show; only execute permission means something.
 */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include "kernel/cpu/clock.h"
#include "kernel/fs/at.h"
#include "kernel/fs/fd.h"
#include "kernel/fs/mode.h"
#include "kernel/process/syscall.h"

/* What to make of an inode; ~0 in uid or gid leaves it. */
struct change {
	bool set_mode;
	uint32_t mode, uid, gid;
};

static long apply(struct inode *inode, const struct change *c)
{
	if (inode->dev == FS_PROC)
		return -EPERM;
	spin_lock(&inode->lock);
	if (c->set_mode) {
		inode->mode = (inode->mode & S_IFMT) | (c->mode & 07777);
	} else {
		inode->uid = c->uid == UINT32_MAX ? inode->uid : c->uid;
		inode->gid = c->gid == UINT32_MAX ? inode->gid : c->gid;
		/* The new owner did not vouch for the program. */
		if (S_ISREG(inode->mode))
			inode->mode &= ~(S_ISUID | (inode->mode & S_IXGRP ? S_ISGID : 0));
	}
	inode->ctime = clock_realtime_ns();
	spin_unlock(&inode->lock);
	return 0;
}

static long apply_at(int dirfd, const char __user *path, unsigned at_flags, const struct change *c)
{
	struct inode *inode;
	long err;

	if (at_flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = inode_at(dirfd, path, at_flags, &inode);
	if (err)
		return err;
	err = apply(inode, c);
	inode_put(inode);
	return err;
}

static long apply_fd(int fd, const struct change *c)
{
	struct file *file = fd_get(fd);
	long err;

	if (!file)
		return -EBADF;
	err = file->flags & O_PATH ? -EBADF : apply(file->inode, c);
	file_put(file);
	return err;
}

static struct change to_mode(uint32_t mode)
{
	return (struct change){ .set_mode = true, .mode = mode };
}

static struct change to_owner(uint32_t uid, uint32_t gid)
{
	return (struct change){ .uid = uid, .gid = gid };
}

/* 16-bit ids of the oldest i386 calls; their -1 is 0xffff. */
static struct change to_owner16(uint16_t uid, uint16_t gid)
{
	return to_owner(uid == UINT16_MAX ? UINT32_MAX : uid, gid == UINT16_MAX ? UINT32_MAX : gid);
}

SYSCALL2(chmod, const char __user *, path, uint32_t, mode)
{
	struct change c = to_mode(mode);

	return apply_at(AT_FDCWD, path, 0, &c);
}

SYSCALL3(fchmodat, int, dirfd, const char __user *, path, uint32_t, mode)
{
	struct change c = to_mode(mode);

	return apply_at(dirfd, path, 0, &c);
}

SYSCALL2(fchmod, int, fd, uint32_t, mode)
{
	struct change c = to_mode(mode);

	return apply_fd(fd, &c);
}

SYSCALL3(chown, const char __user *, path, uint32_t, uid, uint32_t, gid)
{
	struct change c = to_owner(uid, gid);

	return apply_at(AT_FDCWD, path, 0, &c);
}

SYSCALL3(lchown, const char __user *, path, uint32_t, uid, uint32_t, gid)
{
	struct change c = to_owner(uid, gid);

	return apply_at(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, &c);
}

SYSCALL3(fchown, int, fd, uint32_t, uid, uint32_t, gid)
{
	struct change c = to_owner(uid, gid);

	return apply_fd(fd, &c);
}

SYSCALL5(fchownat, int, dirfd, const char __user *, path, uint32_t, uid, uint32_t, gid,
	 unsigned, flags)
{
	struct change c = to_owner(uid, gid);

	return apply_at(dirfd, path, flags, &c);
}

COMPAT_SYSCALL3(chown, const char __user *, path, uint16_t, uid, uint16_t, gid)
{
	struct change c = to_owner16(uid, gid);

	return apply_at(AT_FDCWD, path, 0, &c);
}

COMPAT_SYSCALL3(lchown, const char __user *, path, uint16_t, uid, uint16_t, gid)
{
	struct change c = to_owner16(uid, gid);

	return apply_at(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, &c);
}

COMPAT_SYSCALL3(fchown, int, fd, uint16_t, uid, uint16_t, gid)
{
	struct change c = to_owner16(uid, gid);

	return apply_fd(fd, &c);
}

/* access(2)'s modes; the headers for kernels do not have them. */
#define MODE_X 1u
#define MODES  7u

static long access_at(int dirfd, const char __user *path, unsigned mode, unsigned flags)
{
	struct inode *inode;
	long err;

	if (mode & ~MODES || flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = inode_at(dirfd, path, flags, &inode);
	if (err)
		return err;
	if (mode & MODE_X && S_ISREG(inode->mode) && !(inode->mode & 0111))
		err = -EACCES;
	inode_put(inode);
	return err;
}

SYSCALL2(access, const char __user *, path, unsigned, mode)
{
	return access_at(AT_FDCWD, path, mode, 0);
}

SYSCALL3(faccessat, int, dirfd, const char __user *, path, unsigned, mode)
{
	return access_at(dirfd, path, mode, 0);
}

SYSCALL4(faccessat2, int, dirfd, const char __user *, path, unsigned, mode, unsigned, flags)
{
	return access_at(dirfd, path, mode, flags);
}

/* SPDX-License-Identifier: MIT */
/*
 * Pipes.  A reader holds read_lock while it copies, a writer write_lock, and neither
 * while it sleeps; so a write of up to PIPE_BUF bytes, which waits until it fits, is never torn.
 *
 * A wake-up costs a look at an empty list where nobody sleeps, and writers are only woken once
 * PIPE_BUF bytes are free.  The ring's exchange of head or tail is a full barrier, as is
 * wait_prepare, so either the waker sees the sleeper or the sleeper the change.
 */
#include <asm/errno.h>
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/poll.h>
#include "kernel/fs/mode.h"
#include "kernel/fs/pipe.h"
#include "kernel/fs/pipe_ring.h"
#include "kernel/fs/poll.h"
#include "kernel/mm/heap.h"
#include "kernel/process/process.h"
#include "kernel/process/signal.h"

struct pipe {
	struct pipe_ring ring;
	struct mutex read_lock, write_lock;	/* RANK_FILE_POS: a pipe has no position */
	struct waitq readable, writable;
	uint32_t readers, writers;		/* atomic: open files of either kind */
};

static struct pipe *pipe_of(const struct file *file)
{
	return file->inode->private;
}

static bool has_readers(const struct pipe *pipe)
{
	return __atomic_load_n(&pipe->readers, __ATOMIC_SEQ_CST);
}

static bool has_writers(const struct pipe *pipe)
{
	return __atomic_load_n(&pipe->writers, __ATOMIC_SEQ_CST);
}

/* With a full barrier behind us, an empty list means that nobody sleeps on the old state. */
static void wake_sleepers(struct waitq *wq)
{
	if (!waitq_empty(wq))
		wake_up_all(wq);
}

static long read_some(struct pipe *pipe, struct iobuf buf, size_t n)
{
	long ret;

	if (!pipe_ring_used(&pipe->ring))
		return 0;
	mutex_lock(&pipe->read_lock);
	ret = pipe_ring_get(&pipe->ring, buf, n);
	mutex_unlock(&pipe->read_lock);
	if (ret > 0 && !waitq_empty(&pipe->writable) && pipe_ring_room(&pipe->ring) >= PIPE_BUF)
		wake_up_all(&pipe->writable);
	return ret;
}

static long pipe_read(struct file *file, struct iobuf buf, size_t n, uint64_t *pos)
{
	struct pipe *pipe = pipe_of(file);
	bool last_words;
	long ret;

	if (!n)
		return 0;
	for (;;) {
		last_words = !has_writers(pipe);	/* asked first: then nothing can follow */
		ret = read_some(pipe, buf, n);
		if (ret || last_words)
			return ret;
		if (file->flags & O_NONBLOCK)
			return -EAGAIN;
		ret = wait_event(&pipe->readable,
				 pipe_ring_used(&pipe->ring) || !has_writers(pipe));
		if (ret)
			return ret;
	}
}

/* Bytes done, 0: has to wait for room. */
static long write_some(struct pipe *pipe, struct iobuf buf, size_t offset, size_t n, bool whole)
{
	long ret = 0;
	size_t room;

	mutex_lock(&pipe->write_lock);
	room = pipe_ring_room(&pipe->ring);
	if (!has_readers(pipe))
		ret = -EPIPE;
	else if (room >= (whole ? n : 1))
		ret = pipe_ring_put(&pipe->ring, buf, offset, MIN(n, room));
	mutex_unlock(&pipe->write_lock);
	if (ret > 0)
		wake_sleepers(&pipe->readable);
	return ret;
}

static void send_sigpipe(void)
{
	struct signal_info info = { .signo = SIGPIPE, .pid = current_process()->pid };

	signal_send_thread(current_thread(), &info);
}

static long pipe_write(struct file *file, struct iobuf buf, size_t n, uint64_t *pos)
{
	struct pipe *pipe = pipe_of(file);
	bool whole = n <= PIPE_BUF;
	size_t done = 0;
	long ret = 0;

	while (done < n) {
		ret = write_some(pipe, buf, done, n - done, whole);
		if (ret == -EPIPE)
			send_sigpipe();
		if (ret < 0)
			break;
		done += ret;
		if (ret && !cond_resched())
			continue;
		if (ret)
			break;
		if (file->flags & O_NONBLOCK) {
			ret = -EAGAIN;
			break;
		}
		ret = wait_event(&pipe->writable,
				 pipe_ring_room(&pipe->ring) >= PIPE_BUF || !has_readers(pipe));
		if (ret)
			break;
	}
	return done ? (long)done : ret;
}

static bool end_reads(const struct file *file)
{
	return (file->flags & O_ACCMODE) != O_WRONLY;
}

static bool end_writes(const struct file *file)
{
	return (file->flags & O_ACCMODE) != O_RDONLY;
}

static unsigned pipe_poll(struct file *file, struct poll_table *table)
{
	struct pipe *pipe = pipe_of(file);
	unsigned mask = 0;

	poll_wait(table, end_reads(file) ? &pipe->readable : &pipe->writable);
	if (end_reads(file)) {
		mask |= pipe_ring_used(&pipe->ring) ? POLLIN | POLLRDNORM : 0;
		mask |= has_writers(pipe) ? 0 : POLLHUP;
	}
	if (end_writes(file)) {
		mask |= pipe_ring_room(&pipe->ring) >= PIPE_BUF ? POLLOUT | POLLWRNORM : 0;
		mask |= has_readers(pipe) ? 0 : POLLERR;
	}
	return mask;
}

static long pipe_ioctl(struct file *file, unsigned cmd, uintptr_t arg, bool compat)
{
	if (cmd != FIONREAD)
		return -ENOTTY;
	return put_user_u32((void __user *)arg, pipe_ring_used(&pipe_of(file)->ring));
}

/* Also by way of /proc/PID/fd, while some end is open. */
static int pipe_open(struct inode *inode, struct file *file)
{
	struct pipe *pipe = inode->private;

	__atomic_fetch_add(&pipe->readers, end_reads(file), __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&pipe->writers, end_writes(file), __ATOMIC_SEQ_CST);
	return 0;
}

static void pipe_release(struct file *file)
{
	struct pipe *pipe = pipe_of(file);

	if (end_reads(file) && !__atomic_sub_fetch(&pipe->readers, 1, __ATOMIC_SEQ_CST))
		wake_sleepers(&pipe->writable);
	if (end_writes(file) && !__atomic_sub_fetch(&pipe->writers, 1, __ATOMIC_SEQ_CST))
		wake_sleepers(&pipe->readable);
}

static const struct file_ops pipe_ops = {
	.open = pipe_open,
	.release = pipe_release,
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
};

void pipe_destroy(struct inode *inode)
{
	struct pipe *pipe = inode->private;

	if (!pipe)
		return;
	pipe_ring_free(&pipe->ring);
	kfree(pipe);
}

static struct inode *pipe_inode(void)
{
	struct inode *inode = inode_create(S_IFIFO | 0600);
	struct pipe *pipe;

	if (!inode)
		return NULL;
	pipe = inode->private = kzalloc(sizeof(*pipe));
	if (!pipe) {
		inode_put(inode);
		return NULL;
	}
	mutex_init(&pipe->read_lock, "pipe read", RANK_FILE_POS);
	mutex_init(&pipe->write_lock, "pipe write", RANK_FILE_POS);
	waitq_init(&pipe->readable);
	waitq_init(&pipe->writable);
	inode->nlink = 1;
	inode->dev = FS_PIPE;
	inode->ops = &pipe_ops;
	return inode;
}

static struct file *pipe_end(struct inode *inode, unsigned flags)
{
	struct file *file = file_create(inode, NULL, flags);

	if (file)
		pipe_open(inode, file);
	return file;
}

int pipe_create(unsigned flags, struct file *ends[2])
{
	struct inode *inode = pipe_inode();

	if (!inode)
		return -ENOMEM;
	ends[0] = pipe_end(inode, O_RDONLY | flags);
	ends[1] = ends[0] ? pipe_end(inode, O_WRONLY | flags) : NULL;
	inode_put(inode);
	if (ends[1])
		return 0;
	if (ends[0])
		file_put(ends[0]);
	return -ENOMEM;
}

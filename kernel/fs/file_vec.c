/* SPDX-License-Identifier: MIT */
/*
 * readv and writev.  A vector of up to a page is gathered and written at once, so that
 * no other writer's bytes come between its parts (stdio of musl writes every line this way).
 */
#include <asm/errno.h>
#include <linux/poll.h>
#include <linux/uio.h>
#include "kernel/fs/file_io.h"
#include "kernel/fs/mode.h"
#include "kernel/mm/heap.h"
#include "kernel/process/compat.h"

struct vector {
	const void __user *vec;
	size_t n, total;
	bool compat;
};

static int get_part(const struct vector *v, size_t i, struct iovec *out)
{
	struct compat_iovec c;

	if (!v->compat)
		return copy_from_user(out, (const struct iovec __user *)v->vec + i, sizeof(*out));
	if (copy_from_user(&c, (const struct compat_iovec __user *)v->vec + i, sizeof(c)))
		return -EFAULT;
	if ((int32_t)c.len < 0)
		return -EINVAL;
	*out = (struct iovec){ compat_user(c.base), c.len };
	return 0;
}

/* Looks at all parts before any byte moves. */
static int check(struct vector *v)
{
	struct iovec part;
	int err;

	if (v->n > UIO_MAXIOV)
		return -EINVAL;
	for (size_t i = 0; i < v->n; i++) {
		err = get_part(v, i, &part);
		if (err)
			return err;
		if ((int64_t)part.iov_len < 0)
			return -EINVAL;
		if (part.iov_len > TASK_SIZE_MAX ||
		    (uintptr_t)part.iov_base > TASK_SIZE_MAX - part.iov_len)
			return -EFAULT;
		v->total = MIN(v->total + part.iov_len, RW_MAX);
	}
	return 0;
}

typedef long move_fn(struct file *file, struct iobuf buf, size_t n, uint64_t *pos);

/* Nobody waits for more bytes when some have been read. */
static bool would_wait(struct file *file)
{
	return file->ops && file->ops->poll && !(file->ops->poll(file, NULL) & POLLIN);
}

/*
 * The program may have changed the vector since check: every part is checked again where it
 * is used, and no part goes beyond the total, which is at most RW_MAX: the result fits an int.
 */
static long move_parts(struct file *file, const struct vector *v, uint64_t *pos, move_fn *move)
{
	struct iovec part;
	size_t done = 0;
	long ret = 0;

	for (size_t i = 0; i < v->n && done < v->total; i++) {
		ret = get_part(v, i, &part);
		if (ret)
			break;
		part.iov_len = MIN(part.iov_len, v->total - done);
		if (!part.iov_len)
			continue;
		if (done && move == file_read_at && would_wait(file))
			break;
		ret = move(file, iobuf_user(part.iov_base), part.iov_len, pos);
		if (ret < 0)
			break;
		done += ret;
		if ((size_t)ret < part.iov_len)
			break;
	}
	return done ? (long)done : ret;
}

/* Bytes gathered: less than total where a page is bad. */
static size_t gather(const struct vector *v, char *to)
{
	struct iovec part;
	size_t done = 0, n, left = 0;

	for (size_t i = 0; i < v->n && !left && !get_part(v, i, &part); i++) {
		n = MIN(part.iov_len, v->total - done);
		left = copy_from_user_partial(to + done, part.iov_base, n);
		done += n - left;
	}
	return done;
}

static long write_gathered(struct file *file, const struct vector *v, uint64_t *pos)
{
	char *bytes = kmalloc(v->total);
	size_t n;
	long ret;

	if (!bytes)
		return -ENOMEM;
	n = gather(v, bytes);
	/* Before a bad page: files take what there is, pipes take nothing. */
	if (n < v->total && S_ISFIFO(file->inode->mode))
		n = 0;
	ret = n ? file_write_at(file, iobuf_kernel(bytes), n, pos) : -EFAULT;
	kfree(bytes);
	return ret;
}

long file_readv(struct file *file, const void __user *vec, size_t n, bool compat, uint64_t *pos)
{
	struct vector v = { .vec = vec, .n = n, .compat = compat };

	return check(&v) ?: move_parts(file, &v, pos, file_read_at);
}

long file_writev(struct file *file, const void __user *vec, size_t n, bool compat, uint64_t *pos)
{
	struct vector v = { .vec = vec, .n = n, .compat = compat };
	int err = check(&v);

	if (err || !v.total)
		return err;
	if (n == 1 || v.total > PAGE_SIZE)
		return move_parts(file, &v, pos, file_write_at);
	return write_gathered(file, &v, pos);
}

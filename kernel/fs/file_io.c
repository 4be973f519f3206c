/* SPDX-License-Identifier: MIT */
/* Reading, writing and seeking on open files. */
#include <asm/errno.h>
#include <linux/fs.h>
#include "kernel/fs/contents.h"
#include "kernel/fs/devices.h"
#include "kernel/fs/file_io.h"
#include "kernel/fs/mode.h"

uint64_t *file_pos_begin(struct file *file, uint64_t *scratch)
{
	*scratch = 0;
	if (!file->seekable)
		return scratch;
	mutex_lock(&file->pos_lock);
	return &file->pos;
}

void file_pos_end(struct file *file)
{
	if (file->seekable)
		mutex_unlock(&file->pos_lock);
}

/* Linux refuses a buffer that reaches out of user space before it moves a byte. */
static bool outside_user(struct iobuf buf, size_t n)
{
	return !buf.kernel && (n > TASK_SIZE_MAX || (uintptr_t)buf.user > TASK_SIZE_MAX - n);
}

long file_read_at(struct file *file, struct iobuf buf, size_t n, uint64_t *pos)
{
	if (!file->ops->read)
		return -EINVAL;
	if (outside_user(buf, n))
		return -EFAULT;
	return file->ops->read(file, buf, MIN(n, RW_MAX), pos);
}

long file_write_at(struct file *file, struct iobuf buf, size_t n, uint64_t *pos)
{
	if (!file->ops->write)
		return -EINVAL;
	if (outside_user(buf, n))
		return -EFAULT;
	return file->ops->write(file, buf, MIN(n, RW_MAX), pos);
}

static __noinline long read_at_own_pos(struct file *file, struct iobuf buf, size_t n)
{
	long ret;

	mutex_lock(&file->pos_lock);
	ret = file_read_at(file, buf, n, &file->pos);
	mutex_unlock(&file->pos_lock);
	return ret;
}

long file_read(struct file *file, struct iobuf buf, size_t n)
{
	if (file->seekable)
		return read_at_own_pos(file, buf, n);
	return file_read_at(file, buf, n, &file->pos);	/* which then nobody looks at */
}

static __noinline long write_at_own_pos(struct file *file, struct iobuf buf, size_t n)
{
	long ret;

	mutex_lock(&file->pos_lock);
	ret = file_write_at(file, buf, n, &file->pos);
	mutex_unlock(&file->pos_lock);
	return ret;
}

long file_write(struct file *file, struct iobuf buf, size_t n)
{
	if (file->seekable)
		return write_at_own_pos(file, buf, n);
	return file_write_at(file, buf, n, &file->pos);	/* which then nobody looks at */
}

/* SEEK_DATA and SEEK_HOLE as a file system answers that keeps no record of holes.  Or -errno. */
static int64_t seek_target(struct file *file, int64_t offset, unsigned whence)
{
	int64_t size = file->inode->size, target;

	switch (whence) {
	case SEEK_SET:
		target = offset;
		break;
	case SEEK_CUR:
		if (__builtin_add_overflow(file->pos, offset, &target))
			return -EINVAL;
		break;
	case SEEK_END:
		if (__builtin_add_overflow(size, offset, &target))
			return -EINVAL;
		break;
	case SEEK_DATA:
		return offset < 0 || offset >= size ? -ENXIO : offset;
	case SEEK_HOLE:
		return offset < 0 || offset >= size ? -ENXIO : size;
	default:
		return -EINVAL;
	}
	return target < 0 ? -EINVAL : target;
}

long file_seek(struct file *file, int64_t offset, unsigned whence)
{
	int64_t target;

	if (!file->seekable)
		return -ESPIPE;
	if (S_ISCHR(file->inode->mode))
		return 0;
	mutex_lock(&file->pos_lock);
	target = seek_target(file, offset, whence);
	if (target >= 0)
		file->pos = target;
	mutex_unlock(&file->pos_lock);
	return target;
}

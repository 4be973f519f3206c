/* SPDX-License-Identifier: MIT */
/* Descriptors: numbers of the current process's table, and what they lead to. */
#include <asm/errno.h>
#include <asm/resource.h>
#include <linux/fcntl.h>
#include "kernel/fs/files_table.h"
#include "kernel/process/process.h"

static struct files *own_files(void)
{
	return current_process()->files;
}

/* Only the thread itself can change the answer to yes: by clone. */
static bool others_may_change(const struct files *files)
{
	return READ_ONCE(current_process()->nthreads) > 1 ||
	       __atomic_load_n(&files->refs, __ATOMIC_ACQUIRE) > 1;
}

static __always_inline struct file *look_up(struct files *files, int fd)
{
	struct file *file = files_used(files, fd) ? *files_slot(files, fd) : NULL;

	if (file)
		file_get(file);
	return file;
}

static __noinline struct file *look_up_locked(struct files *files, int fd)
{
	struct file *file;

	spin_lock(&files->lock);
	file = look_up(files, fd);
	spin_unlock(&files->lock);
	return file;
}

static __always_inline struct file *get(int fd)
{
	struct files *files = own_files();

	return others_may_change(files) ? look_up_locked(files, fd) : look_up(files, fd);
}

struct file *fd_get(int fd)
{
	return get(fd);
}

struct file *fd_get_open(int fd)
{
	struct file *file = get(fd);

	if (file && file->flags & O_PATH) {
		file_put(file);
		return NULL;
	}
	return file;
}

static __always_inline struct file *get_with_access(int fd, unsigned access)
{
	struct file *file = get(fd);

	if (file && (!file_allows(file, access) || file->flags & O_PATH)) {
		file_put(file);
		return NULL;
	}
	return file;
}

struct file *fd_get_readable(int fd)
{
	return get_with_access(fd, FILE_READ);
}

struct file *fd_get_writable(int fd)
{
	return get_with_access(fd, FILE_WRITE);
}

/* Lowest unused number >= min, FILES_MAX if there is none. */
static unsigned lowest_free(const struct files *files, unsigned min)
{
	uint64_t mask = ~0ull << min % BLOCK;

	for (unsigned b = min / BLOCK; b < BLOCKS; b++, mask = ~0ull) {
		uint64_t unused = (b < files->nblocks ? ~files->used[b] : ~0ull) & mask;

		if (unused)
			return b * BLOCK + __builtin_ctzll(unused);
	}
	return FILES_MAX;
}

static bool claim(struct files *files, unsigned fd, struct file *file, bool cloexec)
{
	while (fd >= files->nblocks * BLOCK) {
		if (!files_add_block(files))
			return false;
	}
	*files_slot(files, fd) = file;
	files_mark(files->used, fd, true);
	files_mark(files->cloexec, fd, cloexec);
	return true;
}

unsigned fd_limit(void)
{
	return MIN(current_process()->limit[RLIMIT_NOFILE].cur, (uint64_t)FILES_MAX);
}

int fd_reserve(int min, bool cloexec)
{
	struct files *files = own_files();
	unsigned fd;
	int ret;

	spin_lock(&files->lock);
	fd = min < FILES_MAX ? lowest_free(files, min) : FILES_MAX;
	if (fd >= fd_limit())
		ret = -EMFILE;
	else
		ret = claim(files, fd, NULL, cloexec) ? (int)fd : -ENOMEM;
	spin_unlock(&files->lock);
	return ret;
}

void fd_publish(int fd, struct file *file)
{
	struct files *files = own_files();

	spin_lock(&files->lock);
	*files_slot(files, fd) = file;
	spin_unlock(&files->lock);
}

void fd_release(int fd)
{
	struct files *files = own_files();

	spin_lock(&files->lock);
	files_mark(files->used, fd, false);
	spin_unlock(&files->lock);
}

int fd_install(struct file *file, int min, bool cloexec)
{
	int fd = fd_reserve(min, cloexec);

	if (fd < 0)
		file_put(file);
	else
		fd_publish(fd, file);
	return fd;
}

int fd_replace(int fd, struct file *file, bool cloexec)
{
	struct files *files = own_files();
	struct file *old = NULL;
	int ret = fd;

	if ((unsigned)fd >= fd_limit()) {
		file_put(file);
		return -EBADF;
	}
	spin_lock(&files->lock);
	if (files_used(files, fd)) {
		old = *files_slot(files, fd);
		if (!old)
			ret = -EBUSY;	/* another thread is just opening it */
	}
	if (ret == fd && !claim(files, fd, file, cloexec))
		ret = -ENOMEM;
	spin_unlock(&files->lock);
	if (ret < 0)
		file_put(file);
	else if (old)
		file_put(old);
	return ret;
}

/* Takes the file out of the table; NULL: there is none. */
struct file *fd_take(struct files *files, unsigned fd)
{
	struct file *file = NULL;

	spin_lock(&files->lock);
	if (files_used(files, fd))
		file = *files_slot(files, fd);
	if (file)
		files_mark(files->used, fd, false);
	spin_unlock(&files->lock);
	return file;
}

int fd_close(int fd)
{
	struct file *file = fd_take(own_files(), fd);

	if (!file)
		return -EBADF;
	file_put(file);
	return 0;
}

bool fd_get_cloexec(int fd)
{
	return own_files()->cloexec[fd / BLOCK] >> fd % BLOCK & 1;
}

void fd_set_cloexec(int fd, bool on)
{
	struct files *files = own_files();

	spin_lock(&files->lock);
	files_mark(files->cloexec, fd, on);
	spin_unlock(&files->lock);
}

/* SPDX-License-Identifier: MIT */
/* From a path to a program: permissions, #! scripts, ELF headers. */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/stat.h>
#include "kernel/fs/file.h"
#include "kernel/fs/open.h"
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "kernel/process/exec.h"

static int check_executable(const struct inode *inode)
{
	if (S_ISREG(inode->mode) && (inode->mode & 0111) && !inode->dynamic)
		return 0;
	return S_ISLNK(inode->mode) ? -ELOOP : -EACCES;
}

/*
 * Finds the file by O_PATH, without doing what opening a FIFO or a device would do, and opens it
 * for reading only when it is known to be a plain file.
 */
int exec_open_file(int dirfd, const char *path, unsigned at_flags, struct file **out)
{
	unsigned flags = O_PATH | (at_flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0);
	struct file *found;
	int err = 0;

	if (!*path && (at_flags & AT_EMPTY_PATH) && dirfd != AT_FDCWD) {
		found = fd_get(dirfd);
		if (!found)
			return -EBADF;
	} else {
		err = open_at(dirfd, path, flags, 0, &found);
	}
	if (err)
		return err;
	err = check_executable(found->inode);
	if (!err) {
		*out = file_create(found->inode, found->dentry, O_RDONLY);
		err = *out ? 0 : -ENOMEM;
	}
	file_put(found);
	return err;
}

static int read_head(struct exec *e)
{
	long n = inode_read(e->file->inode, e->head, EXEC_HEAD, 0);

	if (n < 0)
		return n;
	memset(e->head + n, 0, EXEC_HEAD - n);
	e->head_size = n;
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * "#! interpreter one argument with blanks" - the line ends at LF, NUL, or the end of head; but an
 * interpreter that may have been cut there is refused.
 */
static int parse_script(char *line, char **interp, char **arg)
{
	char *p = line + 2, *end = line + 2;

	while (end < line + EXEC_HEAD && *end && *end != '\n')
		end++;
	while (p < end && is_blank(*p))
		p++;
	*interp = p;
	while (p < end && !is_blank(*p))
		p++;
	if (p == *interp || p == line + EXEC_HEAD)
		return -ENOEXEC;
	if (end == line + EXEC_HEAD)
		end--;
	while (end > p && is_blank(end[-1]))
		end--;
	*end = 0;
	while (p < end && is_blank(*p))
		*p++ = 0;
	*arg = p < end ? p : NULL;
	return 0;
}

/* The file is a script: its interpreter takes its place, and arguments are put before argv[1]. */
static int follow_script(struct exec *e)
{
	char *line, *interp, *arg;
	int err;

	if (e->scripts == EXEC_SCRIPTS)
		return -ELOOP;
	line = e->script_line[e->scripts++];
	memcpy(line, e->head, EXEC_HEAD);
	err = parse_script(line, &interp, &arg);
	if (err)
		return err;
	if (e->nprefix == 0)
		e->prefix[e->nprefix++] = e->path;
	if (arg)
		e->prefix[e->nprefix++] = arg;
	e->prefix[e->nprefix++] = interp;
	file_put(e->file);
	e->file = NULL;
	err = exec_open_file(AT_FDCWD, interp, 0, &e->file);
	if (err) {
		e->file = NULL;
		return err;
	}
	return read_head(e);
}

static int read_plan(struct elf_plan *plan, struct inode *inode, const char *head, size_t size,
		     uint64_t limit_64)
{
	struct elf_header *h = &plan->header;
	uint64_t limit;
	size_t bytes;
	void *phdrs;
	int err;

	err = elf_read_header(h, head, size, inode->size);
	if (err)
		return err;
	limit = h->is32 ? TASK_SIZE_32 : limit_64;
	bytes = h->phnum * h->phentsize;
	phdrs = kmalloc(bytes);
	if (!phdrs)
		return -ENOMEM;
	if (inode_read(inode, phdrs, bytes, h->phoff) != (long)bytes)
		err = -ENOEXEC;	/* cut meanwhile */
	else
		err = elf_read_segments(plan, phdrs, inode->size, limit);
	kfree(phdrs);
	return err;
}

/*
 * The dynamic loader that PT_INTERP names: a program of the same class, which loads no further
 * one.
 */
static int open_interp(struct exec *e)
{
	char path[ELF_MAX_INTERP], head[64];
	long n = inode_read(e->file->inode, path, e->plan.interp_size, e->plan.interp_offset);
	int err;

	if (n != (long)e->plan.interp_size || path[n - 1] != 0)
		return -ENOEXEC;
	err = exec_open_file(AT_FDCWD, path, 0, &e->interp);
	if (err) {
		e->interp = NULL;
		return err;
	}
	n = inode_read(e->interp->inode, head, sizeof(head), 0);
	if (n < 0)
		return n;
	err = read_plan(&e->interp_plan, e->interp->inode, head, n, TASK_SIZE_MAX);
	if (err == -ENOMEM)
		return err;
	return err || e->interp_plan.header.is32 != e->plan.header.is32 ? -ELIBBAD : 0;
}

int exec_open(struct exec *e)
{
	int err = read_head(e);

	while (!err && e->head[0] == '#' && e->head[1] == '!')
		err = follow_script(e);
	if (!err)
		err = read_plan(&e->plan, e->file->inode, e->head, e->head_size, TASK_SIZE_MAX);
	if (!err && e->plan.interp_size)
		err = open_interp(e);
	return err;
}

/* SPDX-License-Identifier: MIT */
/*
 * Files of /proc: their text is written into kernel pages at open, so that what a program reads
 * piece by piece fits together.
 */
#include <asm/errno.h>
#include <stdarg.h>
#include "kernel/fs/file.h"
#include "kernel/fs/proc.h"
#include "kernel/lib/print.h"
#include "kernel/mm/heap.h"

static char *page_at(struct proc_text *text, size_t at)
{
	char **page = &text->page[at / PAGE_SIZE];

	if (!*page)
		*page = kmalloc(PAGE_SIZE);
	return *page;
}

void proc_append(struct proc_text *text, const void *bytes, size_t n)
{
	const char *from = bytes;

	if (n > PROC_TEXT_PAGES * PAGE_SIZE - text->size)
		text->err = -EFBIG;
	while (n && !text->err) {
		size_t chunk = MIN(n, PAGE_SIZE - text->size % PAGE_SIZE);
		char *page = page_at(text, text->size);

		if (!page) {
			text->err = -ENOMEM;
			return;
		}
		memcpy(page + text->size % PAGE_SIZE, from, chunk);
		text->size += chunk;
		from += chunk;
		n -= chunk;
	}
}

void proc_printf(struct proc_text *text, const char *fmt, ...)
{
	char line[512];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	proc_append(text, line, MIN((size_t)n, sizeof(line) - 1));
}

static void text_free(struct proc_text *text)
{
	for (unsigned i = 0; i < PROC_TEXT_PAGES; i++)
		kfree(text->page[i]);
	kfree(text);
}

static int text_open(struct inode *inode, struct file *file)
{
	const struct proc_entry *entry = inode->private;
	struct proc_text *text = kzalloc(sizeof(*text));
	int err;

	if (!text)
		return -ENOMEM;
	err = entry->show(text, proc_pid_of(inode));
	if (!err)
		err = text->err;
	if (err)
		text_free(text);
	else
		file->private = text;
	return err;
}

static void text_release(struct file *file)
{
	text_free(file->private);
}

static long text_read(struct file *file, struct iobuf buf, size_t n, uint64_t *pos)
{
	const struct proc_text *text = file->private;
	size_t done = 0, left = 0;

	while (done < n && *pos < text->size && !left) {
		size_t offset = *pos % PAGE_SIZE;
		size_t room = MIN(PAGE_SIZE - offset, text->size - *pos);
		size_t chunk = MIN(n - done, room);

		left = iobuf_store(buf, done, text->page[*pos / PAGE_SIZE] + offset, chunk);
		done += chunk - left;
		*pos += chunk - left;
	}
	return left && !done ? -EFAULT : (long)done;
}

static long text_write(struct file *file, struct iobuf buf, size_t n, uint64_t *pos)
{
	return -EACCES;
}

const struct file_ops proc_text_ops = {
	.open = text_open,
	.release = text_release,
	.read = text_read,
	.write = text_write,
};

/* SPDX-License-Identifier: MIT */
/* A mapping as a line of /proc/PID/maps, in Linux's format. */
#include <linux/limits.h>
#include <linux/mman.h>
#include "kernel/fs/file.h"
#include "kernel/lib/print.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/vma.h"

#define NAME_COLUMN 73

/* A copy of the first VMA that ends above addr, with a file reference. */
static bool snapshot(struct mm *mm, uintptr_t addr, struct vma *out)
{
	mutex_lock(&mm->lock);
	const struct vma *v = vma_find(mm, addr);

	if (v) {
		*out = *v;
		if (v->file)
			file_get(v->file);
	}
	mutex_unlock(&mm->lock);
	return v;
}

/* Without mm->lock: finding a path takes locks of the directory tree, which come before it. */
static const char *name_of(const struct vma *v, char *buf, size_t size)
{
	if (v->flags & VMA_HEAP)
		return "[heap]";
	if (v->flags & VMA_STACK)
		return "[stack]";
	if (v->flags & VMA_VDSO)
		return "[vdso]";
	if (v->flags & VMA_VVAR)
		return "[vvar]";
	if (!v->file)
		return "";
	if (!v->file->dentry)
		return "/dev/zero (deleted)";
	return fs_path_of(v->file->dentry, buf, size) < 0 ? "?" : buf;
}

/*
 * The data page is shared, but Linux shows it as private, and there are programs that compare.
 * A name that does not fit is cut; the line still ends as one.
 */
static void format(const struct vma *v, const char *name, char *buf, size_t size)
{
	char head[NAME_COLUMN + 40];
	int n = snprintf(head, sizeof(head), "%08lx-%08lx %c%c%c%c %08llx 00:%02x %llu ", v->start,
			 v->end, v->prot & PROT_READ ? 'r' : '-', v->prot & PROT_WRITE ? 'w' : '-',
			 v->prot & PROT_EXEC ? 'x' : '-',
			 (v->flags & MAP_SHARED) && !(v->flags & VMA_VVAR) ? 's' : 'p',
			 (unsigned long long)v->offset, v->file ? 1 : 0,
			 v->file ? (unsigned long long)v->file->inode->ino : 0);
	int pad = *name && n < NAME_COLUMN ? NAME_COLUMN - n : 0;

	if ((size_t)snprintf(buf, size, "%s%*s%s\n", head, pad, "", name) >= size && size > 1)
		buf[size - 2] = '\n';
}

uintptr_t mm_describe_vma(struct mm *mm, uintptr_t addr, char *buf, size_t size)
{
	struct vma v = { 0 };
	char *path;

	if (!snapshot(mm, addr, &v))
		return 0;
	path = kmalloc(PATH_MAX);
	format(&v, path ? name_of(&v, path, PATH_MAX) : "", buf, size);
	kfree(path);
	if (v.file)
		file_put(v.file);
	return v.end;
}

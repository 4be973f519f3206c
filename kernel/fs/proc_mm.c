/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID files that show an address space: maps, cmdline, environ, auxv. Those of a
 * zombie are empty.
 */
#include <asm/errno.h>
#include <linux/auxvec.h>
#include "kernel/fs/proc_info.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/mm.h"

#define LINE_MAX_BYTES PAGE_SIZE

int proc_show_maps(struct proc_text *t, int pid)
{
	struct mm *mm = proc_get_mm(pid);
	char *line = kmalloc(LINE_MAX_BYTES);
	uintptr_t addr = 0;

	while (mm && line && !t->err && !cond_resched() &&
	       (addr = mm_describe_vma(mm, addr, line, LINE_MAX_BYTES)))
		proc_append(t, line, strlen(line));
	if (mm)
		mm_put(mm);
	kfree(line);
	return line ? 0 : -ENOMEM;
}

/* What the program holds at [start, end) now; it may have changed it, or unmapped it. */
static int show_memory(struct proc_text *t, struct mm *mm, uintptr_t start, uintptr_t end)
{
	char *page = kmalloc(PAGE_SIZE);

	if (!page)
		return -ENOMEM;
	while (start < end && !t->err) {
		size_t n = MIN(end - start, (size_t)PAGE_SIZE);

		if (mm_read(mm, start, page, n))
			break;
		proc_append(t, page, n);
		start += n;
	}
	kfree(page);
	return 0;
}

int proc_show_cmdline(struct proc_text *t, int pid)
{
	struct mm *mm = proc_get_mm(pid);
	int err;

	if (!mm)
		return 0;
	err = show_memory(t, mm, mm->arg_start, mm->arg_end);
	mm_put(mm);
	return err;
}

int proc_show_environ(struct proc_text *t, int pid)
{
	struct mm *mm = proc_get_mm(pid);
	int err;

	if (!mm)
		return 0;
	err = show_memory(t, mm, mm->env_start, mm->env_end);
	mm_put(mm);
	return err;
}

/* In the program's own word size, up to and with AT_NULL. */
int proc_show_auxv(struct proc_text *t, int pid)
{
	struct mm *mm = proc_get_mm(pid);
	bool narrow = mm && mm->task_size == TASK_SIZE_32;

	for (size_t i = 0; mm && i + 1 < ARRAY_SIZE(mm->auxv); i += 2) {
		uint32_t pair[2] = { mm->auxv[i], mm->auxv[i + 1] };

		if (narrow)
			proc_append(t, pair, sizeof(pair));
		else
			proc_append(t, &mm->auxv[i], 2 * sizeof(mm->auxv[i]));
		if (mm->auxv[i] == AT_NULL)
			break;
	}
	if (mm)
		mm_put(mm);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Collecting argument strings, within the limits that Linux documents in execve(2). */
#include <asm/errno.h>
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/exec.h"

#define STRING_MAX    KIB(128)		/* one string, with its NUL */
#define ALL_MAX       MIB(2)		/* all, with one pointer for each: a quarter of the stack */
#define STRINGS_PAGES (ALL_MAX / PAGE_SIZE)
_Static_assert(STRINGS_PAGES * sizeof(char *) <= PAGE_SIZE, "the array is one heap block");

/* The free rest of the last page, a new one if it is full.  NULL: *err says why. */
static char *room(struct exec_strings *s, size_t *size, int *err)
{
	size_t used = s->bytes % PAGE_SIZE;

	*err = -ENOMEM;
	if (s->bytes == s->pages * PAGE_SIZE) {
		if (s->pages == STRINGS_PAGES) {
			*err = -E2BIG;
			return NULL;
		}
		if (!s->page)
			s->page = kmalloc(STRINGS_PAGES * sizeof(char *));
		if (!s->page)
			return NULL;
		s->page[s->pages] = kmalloc(PAGE_SIZE);
		if (!s->page[s->pages])
			return NULL;
		s->pages++;
	}
	*size = PAGE_SIZE - used;
	return s->page[s->pages - 1] + used;
}

static int check_total(const struct exec_strings *s)
{
	size_t pointers = (s->argc + s->envc + 1) * sizeof(uint64_t);

	return s->bytes + pointers > ALL_MAX ? -E2BIG : 0;
}

int exec_add_string(struct exec_strings *s, const char *string)
{
	size_t left = strlen(string) + 1;

	while (left) {
		size_t size;
		int err;
		char *to = room(s, &size, &err);

		if (!to)
			return err;
		size = MIN(size, left);
		memcpy(to, string, size);
		s->bytes += size;
		string += size;
		left -= size;
	}
	return check_total(s);
}

int exec_add_user_string(struct exec_strings *s, const char __user *string)
{
	size_t start = s->bytes;

	for (;;) {
		size_t size;
		int err;
		char *to = room(s, &size, &err);
		long n;

		if (!to)
			return err;
		n = strncpy_from_user(to, string, size);
		if (n < 0)
			return n;
		s->bytes += MIN((size_t)n + 1, size);
		if (s->bytes - start > STRING_MAX)
			return -E2BIG;
		if ((size_t)n < size)
			return check_total(s);
		string += n;
	}
}

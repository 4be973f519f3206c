/* SPDX-License-Identifier: MIT */
/* The text of a /proc file, as it was when the file was opened. */
#pragma once

#include "kernel/lib/compiler.h"

#define PROC_TEXT_PAGES 62	/* what comes after 248 KiB is cut */

struct proc_text {
	size_t size;
	bool failed;		/* out of memory */
	char *page[PROC_TEXT_PAGES];
};

void proc_append(struct proc_text *text, const void *bytes, size_t n);
/* At most 511 characters at a time. */
void proc_printf(struct proc_text *text, const char *fmt, ...) __format(2, 3);

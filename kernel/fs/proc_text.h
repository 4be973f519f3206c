/* SPDX-License-Identifier: MIT */
/* The text of a /proc file, as it was when the file was opened. */
#pragma once

#include "kernel/lib/compiler.h"

#define PROC_TEXT_PAGES 62	/* 248 KiB: no program is told half of a longer text */

struct proc_text {
	size_t size;
	int err;		/* -ENOMEM, or -EFBIG: too long; appends do nothing from then on */
	char *page[PROC_TEXT_PAGES];
};

void proc_append(struct proc_text *text, const void *bytes, size_t n);
/* At most 511 characters at a time. */
void proc_printf(struct proc_text *text, const char *fmt, ...) __format(2, 3);

/* SPDX-License-Identifier: MIT */
/* What the kernel's pure C expects of the rest of the kernel, for host programs. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernel/debug/panic.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"

void panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

/* Only glibc 2.38 and later have it; weak, so that theirs may win. */
__attribute__((weak)) size_t strlcpy(char *restrict to, const char *restrict from, size_t size)
{
	size_t n = strlen(from);

	if (size) {
		size_t copy = n < size ? n : size - 1;

		memcpy(to, from, copy);
		to[copy] = 0;
	}
	return n;
}

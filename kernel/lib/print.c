/* SPDX-License-Identifier: MIT */
/* printk and the formatter behind it: stb_sprintf without floating point. */
#include <limits.h>
#include "kernel/lib/print.h"
#include "boot/cmdline.h"
#include "boot/console.h"
#include "kernel/cpu/clock.h"
#include "kernel/lib/string.h"

#define STB_SPRINTF_IMPLEMENTATION
#define STB_SPRINTF_STATIC
#define STB_SPRINTF_NOFLOAT
#include <stb/stb_sprintf.h>

#define LINE_MAX_BYTES 512

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	return stbsp_vsnprintf(buf, size > INT_MAX ? INT_MAX : (int)size, fmt, args);
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}

static void log_line(bool urgent, const char *fmt, va_list args)
{
	char line[LINE_MAX_BYTES];
	uint64_t us = clock_monotonic_ns() / 1000;
	size_t n;

	snprintf(line, sizeof(line), "[%5llu.%06llu] ", (unsigned long long)(us / 1000000),
		 (unsigned long long)(us % 1000000));
	n = strlen(line);
	vsnprintf(line + n, sizeof(line) - n, fmt, args);
	n = strlen(line);
	if (n == sizeof(line) - 1)
		line[n - 1] = '\n';	/* cut: still a whole line */
	console_write_log(line, n, urgent || !boot_options.quiet);
}

void printk(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(false, fmt, args);
	va_end(args);
}

void printk_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(true, fmt, args);
	va_end(args);
}

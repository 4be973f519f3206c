/* SPDX-License-Identifier: MIT */
/* Formatted output. */
#include "user/lib/print.h"
#include "user/lib/sys.h"

#define STB_SPRINTF_IMPLEMENTATION
#define STB_SPRINTF_STATIC
#define STB_SPRINTF_NOFLOAT
#define STB_SPRINTF_NOUNALIGNED
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_sprintf.h>
#pragma GCC diagnostic pop

int vformat(char *buf, size_t size, const char *fmt, va_list args)
{
	return stbsp_vsnprintf(buf, (int)size, fmt, args);
}

int format(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vformat(buf, size, fmt, args);
	va_end(args);
	return n;
}

void put(const char *text, size_t n)
{
	while (n) {
		long done = SYS(write, 1, text, n);

		if (done <= 0)
			return;
		text += done;
		n -= (size_t)done;
	}
}

void print(const char *fmt, ...)
{
	char buf[PRINT_MAX];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vformat(buf, sizeof(buf), fmt, args);
	va_end(args);
	put(buf, (size_t)n < sizeof(buf) ? (size_t)n : sizeof(buf) - 1);
}

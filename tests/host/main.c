/* SPDX-License-Identifier: MIT */
/* The main program of the host unit tests: see test.h. */
#include <setjmp.h>
#include <stdarg.h>
#include "tests/host/test.h"

static struct host_test *first, **last = &first;
static jmp_buf failed;

void host_test_add(struct host_test *test)
{
	*last = test;
	last = &test->next;
}

void host_test_fail(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	printf("# %s:%d: ", file, line);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	longjmp(failed, 1);
}

int main(void)
{
	volatile int number = 0, failures = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("KTAP version 1");
	for (struct host_test *volatile t = first; t; t = t->next) {
		number++;
		if (setjmp(failed)) {
			failures++;
			printf("not ok %d %s\n", number, t->name);
			continue;
		}
		t->run();
		printf("ok %d %s\n", number, t->name);
	}
	printf("1..%d\n", number);
	return failures != 0;
}

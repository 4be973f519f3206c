/* SPDX-License-Identifier: MIT */
/*
 * Host unit tests: the kernel's pure C, built for the host with ASan and UBSan.
 *
 *	TEST(name) { CHECK(condition); CHECK_EQ(a, b); }
 *
 * tests/host/main.c runs every TEST of the program and prints KTAP.  A failed check ends
 * its test, and leaks of that test are then not reported on top.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct host_test {
	const char *name;
	void (*run)(void);
	struct host_test *next;
};

void host_test_add(struct host_test *test);
__attribute__((noreturn, format(printf, 3, 4))) void host_test_fail(const char *file, int line,
								     const char *fmt, ...);

#define TEST(fn)                                                                           \
	static void fn(void);                                                              \
	__attribute__((constructor)) static void add_##fn(void)                            \
	{                                                                                  \
		static struct host_test test = { .name = #fn, .run = fn };                 \
		host_test_add(&test);                                                      \
	}                                                                                  \
	static void fn(void)

#define CHECK(cond)                                                                        \
	((cond) ? (void)0 : host_test_fail(__FILE__, __LINE__, "%s", #cond))
#define CHECK_EQ(a, b)                                                                     \
	do {                                                                               \
		long long a_ = (long long)(a), b_ = (long long)(b);                        \
		if (a_ != b_)                                                              \
			host_test_fail(__FILE__, __LINE__, "%s is %lld, not %lld", #a, a_, b_); \
	} while (0)
#define CHECK_STR(a, b)                                                                    \
	do {                                                                               \
		const char *a_ = (a), *b_ = (b);                                           \
		if (strcmp(a_, b_))                                                        \
			host_test_fail(__FILE__, __LINE__, "%s is \"%s\", not \"%s\"", #a, a_,  \
				       b_);                                                \
	} while (0)

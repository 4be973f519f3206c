/* SPDX-License-Identifier: MIT */
/*
 * Tests that run inside the kernel, picked by ktest=NAME or ktest=all (ktest=list names them),
 * reported as KTAP on the console.
 *
 *	KTEST(copy_to_nowhere) { KTEST_EQ(copy_to_user(NULL, &x, 8), -EFAULT); }
 */
#pragma once

#include "kernel/lib/compiler.h"

struct ktest_result {
	bool failed;
	const char *skip;	/* why, or NULL */
};

struct ktest {
	const char *name;
	void (*fn)(struct ktest_result *result);
	bool on_request;	/* takes long: ktest=NAME runs it, ktest=all does not */
};

/* The records lie side by side in one array: without __aligned GCC would align each to 16. */
#define KTEST(name_) KTEST_DEFINE(name_, false)
#define KTEST_ON_REQUEST(name_) KTEST_DEFINE(name_, true)
#define KTEST_DEFINE(name_, on_request_)                                                   \
	static void ktest_##name_(struct ktest_result *result);                            \
	static const struct ktest ktest_entry_##name_ __section(".ktests") __aligned(8) = { \
		.name = #name_, .fn = ktest_##name_, .on_request = on_request_             \
	};                                                                                 \
	static void ktest_##name_(struct ktest_result *result)

void ktest_fail(struct ktest_result *result, const char *what, long long got, long long expected);

#define KTEST_EQ(got, expected)                                                            \
	do {                                                                               \
		long long g_ = (long long)(got), e_ = (long long)(expected);               \
		if (g_ != e_)                                                              \
			ktest_fail(result, #got, g_, e_);                                  \
	} while (0)
#define KTEST_SKIP(why)                                                                    \
	do {                                                                               \
		result->skip = (why);                                                      \
		return;                                                                    \
	} while (0)

/* Thread context.  name: a test's, "all" or "list".  Number of failures; -1: no such name. */
int ktest_run(const char *name);

/* SPDX-License-Identifier: MIT */
/*
 * Test programs and their report.  A program is a table of cases; each case becomes one KTAP
 * line, and each expectation in it a diagnostic line that tells what was expected and
 * what came.
 *
 * Exit status: 0 all passed (or some passed, some skipped), 1 something failed, 4 all skipped.
 *
 * Environment, set by init:
 *	KTAP_NESTED=1	indent by two spaces, as a KTAP subtest whose head init has printed
 *	KTAP_COUNTS=fd	write a struct test_counts to that file descriptor at the end
 */
#pragma once

#include "user/lib/child.h"
#include "user/lib/memory.h"
#include "user/lib/print.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/sys.h"

#define STATUS_FAIL 1
#define STATUS_SKIP 4

struct test_counts {
	unsigned passed, failed, skipped;
};

struct test_case {
	const char *name;
	void (*run)(void);
};

int run_cases(const struct test_case *cases, unsigned n);
#define RUN_CASES(table) run_cases(table, COUNT(table))

/* Each prints the line and returns whether it held; a case fails if one did not. */
bool expect_eq(const char *what, long got, long want);
bool expect_hex(const char *what, unsigned long got, unsigned long want);
bool expect_error(const char *what, long got, int error);	/* error: EFAULT ... */
bool expect_ok(const char *what, long got);			/* any value that is no error */
bool expect_status(const char *what, int got, int want);
bool expect_true(const char *what, bool held);
bool expect_string(const char *what, const char *got, const char *want);

/* For loops: nothing is printed while all is well. */
__attribute__((format(printf, 1, 2))) void fail(const char *format, ...);
/* A diagnostic line. */
__attribute__((format(printf, 1, 2))) void note(const char *format, ...);
/* Marks the running case as skipped; the caller then returns. */
void skip(const char *reason);
/* The test itself is broken: ends the program with a line that says so. */
__attribute__((noreturn)) void test_abort(const char *what, long result);

/* 1 if the running case has a failed expectation; children start anew. */
int test_failed(void);
void test_forget_failures(void);

/* This kernel, as opposed to Linux: for the few results that differ on purpose. */
bool on_paranoid(void);
/* False, and the case is skipped: on this Linux the user has no right to real-time priorities. */
bool may_raise_priority(void);

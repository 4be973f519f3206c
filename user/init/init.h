/* SPDX-License-Identifier: MIT */
/* The parts of /sbin/init. */
#pragma once

#include "user/lib/child.h"

/* One line about the machine. */
void print_banner(void);

/*
 * Runs the tests in directory/64 and directory/32 whose "64/name" or "name" matches one of
 * the patterns (none: all), one at a time.  0 if none failed, 1; 2 if a pattern matches nothing.
 */
int run_tests(const char *directory, unsigned limit_seconds, char **patterns);

/* What a report comes to, for the code of result_code.c. */
struct result {
	unsigned passed, failed, skipped;	/* tests */
	unsigned first_failed;			/* its number in the report; 0: none */
	uint32_t digest;			/* of all names and verdicts, result_digest */
};

/* Adds one test to a digest (0 at first). */
uint32_t result_digest(uint32_t digest, const char *name, int verdict);
/* "XXXXX-XXXXX-XXXXX-XXXXX": a line that a person can type in somewhere else. */
void print_result_code(const struct result *r);
unsigned count_cpus(void);
bool has_fsgsbase(void);

/* The program described by /run/job (see job.c): its exit status, or 128 + signal. */
int run_job(void);
/* An interactive shell on the console: likewise. */
int run_shell(void);

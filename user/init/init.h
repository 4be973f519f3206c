/* SPDX-License-Identifier: MIT */
/* The parts of /sbin/init. */
#pragma once

#include "user/lib/child.h"

/* One line about the machine. */
void print_banner(void);

/*
 * Runs the tests in directory/64 and directory/32 whose "64/name" or "name" matches one of
 * the patterns (none: all), one at a time.  0 if none failed, else 1.
 */
int run_tests(const char *directory, unsigned limit_seconds, char **patterns);

/* The program described by /run/job (see job.c): its exit status, or 128 + signal. */
int run_job(void);
/* An interactive shell on the console: likewise. */
int run_shell(void);

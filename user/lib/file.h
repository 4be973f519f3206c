/* SPDX-License-Identifier: MIT */
/* Files for tests: a private directory, and whole-file reads and writes. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include "user/lib/test.h"

/* What getdents64 returns; the UAPI headers do not have it. */
struct dirent64 {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

/* The absolute path of the running program; call it first before the working directory changes. */
char *self_path(void);
/* Makes a new directory in /tmp the working directory: its path. */
const char *temp_enter(void);
/* Leaves it and removes it with the plain files and empty directories in it. */
void temp_leave(void);
/* RUN_CASES in such a directory. */
int run_cases_in_temp(const struct test_case *cases, unsigned n);
#define RUN_CASES_IN_TEMP(table) run_cases_in_temp(table, COUNT(table))
/* A new file of that name, content and mode; a failure ends the test program. */
void file_write(const char *name, const void *data, size_t size, int mode);
/* Up to size - 1 bytes, terminated: the number, or a negative errno. */
long file_read(const char *name, char *buf, size_t size);

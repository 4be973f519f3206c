/* SPDX-License-Identifier: MIT */
/* Formatted output.  One call is one write(2), so lines of several processes do not mix. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#define PRINT_MAX 512

/* As in C, without floating point; 64-bit values: %llx.  Output beyond PRINT_MAX is cut. */
__attribute__((format(printf, 1, 2))) void print(const char *format, ...);
__attribute__((format(printf, 3, 4))) int format(char *buf, size_t size, const char *format, ...);
__attribute__((format(printf, 3, 0))) int vformat(char *buf, size_t size, const char *format,
						  va_list args);
/* Writes all of it to standard output. */
void put(const char *text, size_t n);

/* "EFAULT" for 14; "SIGSEGV" for 11; "?" for what has no name here. */
const char *errno_name(int number);
const char *signal_name(int number);
/* "-EFAULT (-14)" or the plain number, into buf. */
const char *describe_result(char *buf, size_t size, long value);
/* "exit 3", "killed by SIGSEGV (11)", "stopped by ...", into buf. */
const char *describe_status(char *buf, size_t size, int status);

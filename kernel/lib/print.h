/* SPDX-License-Identifier: MIT */
/* Formatted output.  The formatter is stb_sprintf (libstb-dev), without floating point. */
#pragma once

#include <stdarg.h>
#include "kernel/lib/compiler.h"

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args);
int snprintf(char *buf, size_t size, const char *fmt, ...) __format(3, 4);

/*
 * Writes one message to the kernel log: every registered console plus the memory
 * log.  Any context, also NMI and panic (then without the console lock when the
 * interrupted code holds it).  Messages are whole lines: end them with '\n'.
 */
void printk(const char *fmt, ...) __format(1, 2);
/* The same for what must be seen even with the option quiet: warnings and the machine's end. */
void printk_warn(const char *fmt, ...) __format(1, 2);

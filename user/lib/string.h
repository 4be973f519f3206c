/* SPDX-License-Identifier: MIT */
/* Memory and strings; the mem* functions are also what compilers call by themselves. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

void *memset(void *to, int value, size_t n);
void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);	/* also finds the terminating 0 */
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *part);
/* Decimal, or hexadecimal with 0x; stops at the first other character. */
unsigned long parse_number(const char *s);
/* Shell wildcards: * and ?. */
bool glob_match(const char *pattern, const char *s);

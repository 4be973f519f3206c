/* SPDX-License-Identifier: MIT */
/*
 * Memory and string functions.  The first four are also what the compiler calls
 * by itself in freestanding code, so they must exist under these names.
 */
#pragma once

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);

/*
 * In freestanding code no name means anything to the compiler.  These two it does better in line
 * where the size is small and constant.
 */
#define memcpy __builtin_memcpy
#define memset __builtin_memset

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);

/*
 * Copies at most size - 1 bytes and always terminates (size > 0).
 * Returns strlen(from): a result >= size means that it was cut.
 */
size_t strlcpy(char *to, const char *from, size_t size);

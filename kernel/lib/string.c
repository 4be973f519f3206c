/* SPDX-License-Identifier: MIT */
/*
 * Memory and string functions.  Blocks go by string instructions, eight bytes a step:
 * fewest instructions in an emulator, near the best on silicon.  Loops that a compiler
 * could recognise as memcpy or strlen carry an empty asm: turned into a call
 * of the function that they implement, they would never end.
 */
#include "kernel/lib/string.h"
#include "kernel/lib/compiler.h"

#undef memcpy
#undef memset

/* Keeps the optimiser from seeing what the loop around it does as a whole. */
#define OPAQUE(p) __asm__("" : "+r"(p))

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	void *d = to;
	size_t words = n / 8, rest = n % 8;

	if (words)
		__asm__ volatile("rep movsq" : "+D"(d), "+S"(from), "+c"(words)::"memory");
	if (rest)
		__asm__ volatile("rep movsb" : "+D"(d), "+S"(from), "+c"(rest)::"memory");
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	char *d = to;
	const char *s = from;

	/* Upwards is right unless the target begins inside the source. */
	if ((size_t)(d - s) >= n)
		return memcpy(to, from, n);
	while (n >= 8) {
		uint64_t word;

		n -= 8;
		__asm__ volatile("mov %1, %0" : "=r"(word) : "m"(*(const char (*)[8])(s + n)));
		__asm__ volatile("mov %1, %0" : "=m"(*(char (*)[8])(d + n)) : "r"(word));
	}
	while (n > 0) {
		n--;
		OPAQUE(d);
		d[n] = s[n];
	}
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	void *d = to;
	size_t words = n / 8, rest = n % 8;
	uint64_t pattern = 0x0101010101010101ull * (uint8_t)byte;

	if (words)
		__asm__ volatile("rep stosq" : "+D"(d), "+c"(words) : "a"(pattern) : "memory");
	if (rest)
		__asm__ volatile("rep stosb" : "+D"(d), "+c"(rest) : "a"(pattern) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;

	for (size_t i = 0; i < n; i++) {
		OPAQUE(x);
		if (x[i] != y[i])
			return x[i] - y[i];
	}
	return 0;
}

size_t strlen(const char *s)
{
	const char *end = s;

	while (*end) {
		end++;
		OPAQUE(end);
	}
	return end - s;
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (uint8_t)*a - (uint8_t)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; a++, b++, n--) {
		if (*a != *b || !*a)
			return (uint8_t)*a - (uint8_t)*b;
	}
	return 0;
}

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

char *strrchr(const char *s, int c)
{
	const char *found = NULL;

	for (;; s++) {
		if (*s == (char)c)
			found = s;
		if (!*s)
			return (char *)found;
	}
}

size_t strlcpy(char *to, const char *from, size_t size)
{
	size_t n = strlen(from), copied = n < size ? n : size - 1;

	memcpy(to, from, copied);
	to[copied] = '\0';
	return n;
}

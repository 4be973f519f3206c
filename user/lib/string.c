/* SPDX-License-Identifier: MIT */
/* Memory and strings. */
#include "user/lib/string.h"

/* REP string instructions: a loop here would be turned into a call of itself. */
void *memset(void *to, int value, size_t n)
{
	void *d = to;

	__asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(value) : "memory");
	return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
	void *d = to;

	__asm__ volatile("rep movsb" : "+D"(d), "+S"(from), "+c"(n) : : "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	char *d = (char *)to + n - 1;
	const char *s = (const char *)from + n - 1;

	if ((char *)to <= (const char *)from || (char *)to >= (const char *)from + n)
		return memcpy(to, from, n);
	__asm__ volatile("std; rep movsb; cld" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *p = a, *q = b;

	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		if (*a != *b)
			return (unsigned char)*a - (unsigned char)*b;
		if (!*a)
			break;
	}
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, (size_t)-1);
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
	char *found = NULL;

	for (; *s; s++)
		if (*s == (char)c)
			found = (char *)s;
	return found;
}

char *strstr(const char *s, const char *part)
{
	size_t n = strlen(part);

	for (; *s; s++)
		if (!strncmp(s, part, n))
			return (char *)s;
	return n ? NULL : (char *)s;
}

unsigned long parse_number(const char *s)
{
	unsigned long n = 0, base = 10;

	if (s[0] == '0' && (s[1] | 32) == 'x') {
		base = 16;
		s += 2;
	}
	for (;; s++) {
		unsigned c = (unsigned char)*s | 32;

		if (c >= '0' && c <= '9')
			n = n * base + c - '0';
		else if (base == 16 && c >= 'a' && c <= 'f')
			n = n * base + c - 'a' + 10;
		else
			return n;
	}
}

bool glob_match(const char *pattern, const char *s)
{
	for (; *pattern != '*'; pattern++, s++) {
		if (!*pattern)
			return !*s;
		if (!*s || (*pattern != '?' && *pattern != *s))
			return false;
	}
	for (; ; s++) {
		if (glob_match(pattern + 1, s))
			return true;
		if (!*s)
			return false;
	}
}

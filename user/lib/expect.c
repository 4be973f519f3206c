/* SPDX-License-Identifier: MIT */
/* Expectations: each prints what was expected and what came. */
#include "user/lib/test.h"

static bool report(bool held, const char *what, const char *got, const char *want)
{
	if (held)
		note("%s: expected %s, got %s", what, want, got);
	else
		fail("%s: expected %s, got %s", what, want, got);
	return held;
}

bool expect_eq(const char *what, long got, long want)
{
	char a[40], b[40];

	return report(got == want, what, describe_result(a, sizeof(a), got),
		      describe_result(b, sizeof(b), want));
}

bool expect_hex(const char *what, unsigned long got, unsigned long want)
{
	char a[24], b[24];

	format(a, sizeof(a), "0x%lx", got);
	format(b, sizeof(b), "0x%lx", want);
	return report(got == want, what, a, b);
}

bool expect_error(const char *what, long got, int error)
{
	return expect_eq(what, got, -error);
}

bool expect_ok(const char *what, long got)
{
	char a[40];

	return report(!is_error(got), what, describe_result(a, sizeof(a), got), "success");
}

bool expect_status(const char *what, int got, int want)
{
	char a[48], b[48];

	return report(got == want, what,
		      got == NO_STATUS ? "no child" : describe_status(a, sizeof(a), got),
		      describe_status(b, sizeof(b), want));
}

bool expect_true(const char *what, bool held)
{
	return report(held, what, held ? "true" : "false", "true");
}

bool expect_string(const char *what, const char *got, const char *want)
{
	return report(!strcmp(got, want), what, got, want);
}

/* SPDX-License-Identifier: MIT */
/*
 * Arguments and environment arrive unchanged: none, empty ones, long ones, many of them.  The
 * first process executes itself; the second one rebuilds the expected strings from the name of
 * the case and compares.
 */
#include "user/lib/test.h"

#define MANY  1500
#define LONG  100000

static char long_text[LONG + 1];
static char number_text[MANY][8];
static char *vector[MANY + 4];

/* Fills vector with the strings of that case behind a fixed head; the number of them. */
static int build(const char *which)
{
	int n = 0;

	if (!strcmp(which, "few")) {
		vector[n++] = "one";
		vector[n++] = "";
		vector[n++] = "with blank";
		vector[n++] = "\xff\x01=";
	} else if (!strcmp(which, "long")) {
		memset(long_text, 'x', LONG);
		long_text[LONG / 2] = 'y';
		vector[n++] = long_text;
	} else if (!strcmp(which, "many")) {
		for (; n < MANY; n++) {
			format(number_text[n], sizeof(number_text[n]), "%d", n);
			vector[n] = number_text[n];
		}
	}
	vector[n] = NULL;
	return n;
}

static int compare(const char *what, char **got, int count)
{
	int bad = 0;

	for (int i = 0; i < count; i++)
		if (!got[i] || strcmp(got[i], vector[i]))
			bad++;
	if (got[count])
		bad++;
	if (bad)
		fail("%s: %d of %d strings differ", what, bad, count);
	return bad;
}

/* In the second program: argv is {path, "check", which, the strings}, envp the strings. */
static int check(int argc, char **argv, char **envp)
{
	int n = build(argv[2]);

	if (argc != n + 3)
		fail("argc expected %d, got %d", n + 3, argc);
	compare("arguments", argv + 3, n);
	compare("environment", envp, n);
	return test_failed();
}

static int exec_self(void *which)
{
	static char *argv[MANY + 8];
	int n = build(which);

	argv[0] = program_argv[0];
	argv[1] = "check";
	argv[2] = which;
	memcpy(argv + 3, vector, (unsigned)(n + 1) * sizeof(*argv));
	return -(int)SYS(execve, argv[0], argv, vector);
}

static void none(void)
{
	expect_status("nothing", child_run(exec_self, "none"), EXITED(0));
}

static void few(void)
{
	expect_status("empty and odd strings", child_run(exec_self, "few"), EXITED(0));
}

static void one_long(void)
{
	expect_status("one of 100000 bytes", child_run(exec_self, "long"), EXITED(0));
}

static void many(void)
{
	expect_status("1500 of them", child_run(exec_self, "many"), EXITED(0));
}

static const struct test_case cases[] = {
	{ "no arguments, no environment", none },
	{ "empty and unusual strings", few },
	{ "one long string", one_long },
	{ "many strings", many },
};

int main(int argc, char **argv, char **envp)
{
	if (argc >= 3 && !strcmp(argv[1], "check"))
		return check(argc, argv, envp);
	return RUN_CASES(cases);
}

/* SPDX-License-Identifier: MIT */
/*
 * Running tests: each in a process group of its own, with a time limit; what is left of the
 * group afterwards is killed.  The whole is one KTAP report, a test program's lines
 * are the subtests (user/lib/test.h).
 */
#include "user/init/init.h"
#include "user/lib/file.h"
#include "user/lib/print.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/test.h"

#define MAX_TESTS 256
#define NAME_SIZE 64
#define MAX_PATTERNS 256

struct run {
	char names[MAX_TESTS][NAME_SIZE];	/* "64/name" */
	int verdicts[MAX_TESTS];		/* exit status of test programs */
	unsigned n;
	unsigned sorted;			/* those of an earlier bitness stay before it */
	unsigned limit;
	int counts_fd[2];
	struct test_counts cases;
	bool matched[MAX_PATTERNS];
};

static struct run run;

static bool selected(const char *name, char **patterns)
{
	bool found = !*patterns;

	for (unsigned i = 0; patterns[i]; i++) {
		if (glob_match(patterns[i], name) || glob_match(patterns[i], strchr(name, '/') + 1))
			found = run.matched[i] = true;
	}
	return found;
}

/* A typing error must not turn into a green run. */
static bool all_matched(const char *directory, char **patterns)
{
	bool all = true;

	for (unsigned i = 0; patterns[i]; i++) {
		if (!run.matched[i])
			print("init: no test in %s matches %s\n", directory, patterns[i]);
		all &= run.matched[i];
	}
	return all;
}

static bool too_many(char **patterns)
{
	unsigned n = 0;

	while (patterns[n])
		n++;
	if (n > MAX_PATTERNS)
		print("init: more than %d patterns\n", MAX_PATTERNS);
	return n > MAX_PATTERNS;
}

static int add_test(const char *name, void *patterns)
{
	char full[NAME_SIZE];
	unsigned at;

	format(full, sizeof(full), "%s", name);
	if (!selected(full, patterns))
		return 0;
	if (run.n == MAX_TESTS) {
		print("# more than %d tests: %s left out\n", MAX_TESTS, full);
		return 1;
	}
	for (at = run.n++; at > run.sorted && strcmp(run.names[at - 1], full) > 0; at--)
		memcpy(run.names[at], run.names[at - 1], NAME_SIZE);
	memcpy(run.names[at], full, NAME_SIZE);
	return 0;
}

/* Adds the tests of one bitness, sorted; 64 bit comes first. */
static int list_tests(const char *directory, const char *bits, char **patterns)
{
	char path[128], name[NAME_SIZE], buf[1024] __attribute__((aligned(8)));
	long fd, n;
	int ret = 0;

	run.sorted = run.n;
	format(path, sizeof(path), "%s/%s", directory, bits);
	fd = sys_open(path, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return 0;
	while (!ret && (n = SYS(getdents64, fd, buf, sizeof(buf))) > 0) {
		for (long at = 0; at < n; at += ((struct dirent64 *)(buf + at))->reclen) {
			struct dirent64 *d = (void *)(buf + at);

			if (d->name[0] == '.')
				continue;
			format(name, sizeof(name), "%s/%s", bits, d->name);
			ret |= add_test(name, patterns);
		}
	}
	SYS(close, fd);
	return ret;
}

static void exec_test(const char *directory, const char *name)
{
	char path[192], counts[32];
	char *argv[] = { path, NULL };
	char *envp[] = { "KTAP_NESTED=1", counts, "PATH=/bin:/sbin", NULL };
	char reason[40];
	long ret;

	SYS(setpgid, 0, 0);
	format(path, sizeof(path), "%s/%s", directory, name);
	format(counts, sizeof(counts), "KTAP_COUNTS=%d", run.counts_fd[1]);
	ret = SYS(execve, path, argv, envp);
	print("  # cannot start %s: %s\n", path, describe_result(reason, sizeof(reason), ret));
	sys_exit(STATUS_FAIL);
}

static int sleep_limit(void *unused)
{
	struct __kernel_old_timespec t = { (long)run.limit, 0 };

	(void)unused;
	SYS(nanosleep, &t, NULL);
	return 0;
}

/* Waits for the test or the end of its time; reaps whatever else init inherited. */
static int wait_for_test(pid_t test, bool *late)
{
	pid_t timer = child_start(sleep_limit, NULL);
	int status = 0;
	long pid;

	*late = false;
	do {
		pid = SYS(wait4, -1, &status, __WALL, NULL);
		if (pid == timer) {
			*late = true;
			timer = 0;
			SYS(kill, -test, SIGKILL);
			SYS(kill, test, SIGKILL);
		}
	} while (pid != test && (pid > 0 || pid == -EINTR));
	if (timer) {
		SYS(kill, timer, SIGKILL);
		child_wait(timer);
	}
	SYS(kill, -test, SIGKILL);
	return status_clean(status);
}

static void print_verdict(unsigned i, int status, bool late)
{
	char text[48];

	if (late)
		print("not ok %u %s # no end after %u s\n", i + 1, run.names[i], run.limit);
	else if (status == EXITED(0))
		print("ok %u %s\n", i + 1, run.names[i]);
	else if (status == EXITED(STATUS_SKIP))
		print("ok %u %s # SKIP all its cases\n", i + 1, run.names[i]);
	else
		print("not ok %u %s # %s\n", i + 1, run.names[i],
		      describe_status(text, sizeof(text), status));
}

static void run_test(const char *directory, unsigned i)
{
	struct test_counts counts;
	pid_t pid;
	int status;
	bool late;

	print("  KTAP version 1\n  # Subtest: %s\n", run.names[i]);
	pid = sys_fork();
	if (pid == 0)
		exec_test(directory, run.names[i]);
	if (pid < 0)
		test_abort("fork", pid);
	SYS(setpgid, pid, pid);
	status = wait_for_test(pid, &late);
	print_verdict(i, status, late);
	run.verdicts[i] = late || !WIFEXITED(status) ? STATUS_FAIL : WEXITSTATUS(status);
	while (SYS(read, run.counts_fd[0], &counts, sizeof(counts)) == sizeof(counts)) {
		run.cases.passed += counts.passed;
		run.cases.failed += counts.failed;
		run.cases.skipped += counts.skipped;
	}
}

static int summary(void)
{
	struct result r = { 0 };

	for (unsigned i = 0; i < run.n; i++) {
		r.digest = result_digest(r.digest, run.names[i], run.verdicts[i]);
		if (run.verdicts[i] == 0) {
			r.passed++;
		} else if (run.verdicts[i] == STATUS_SKIP) {
			r.skipped++;
		} else {
			if (!r.failed++)
				r.first_failed = i + 1;
			print("# failed: %s\n", run.names[i]);
		}
	}
	print("# cases: %u passed, %u failed, %u skipped\n", run.cases.passed, run.cases.failed,
	      run.cases.skipped);
	print("# tests: %u passed, %u failed, %u skipped\n", r.passed, r.failed, r.skipped);
	print_result_code(&r);
	return r.failed || !run.n;
}

int run_tests(const char *directory, unsigned limit_seconds, char **patterns)
{
	long ret = SYS(pipe2, run.counts_fd, O_NONBLOCK);

	run.limit = limit_seconds;
	if (ret)
		test_abort("pipe2", ret);
	if (too_many(patterns))
		return 2;
	if (list_tests(directory, "64", patterns) || list_tests(directory, "32", patterns))
		return 1;
	if (!all_matched(directory, patterns))
		return 2;
	if (!run.n)
		print("# no test in %s matches\n", directory);
	print("KTAP version 1\n1..%u\n", run.n);
	for (unsigned i = 0; i < run.n; i++)
		run_test(directory, i);
	return summary();
}

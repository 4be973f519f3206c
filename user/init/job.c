/* SPDX-License-Identifier: MIT */
/*
 * One program instead of the tests, with the console as its standard streams.
 *
 *	/run/job	its arguments, each ended by a 0 byte; the first one is also the path
 *	/run/job.env	optional: its environment, likewise
 *	/run/job.cwd	optional: its working directory
 */
#include <asm/ioctls.h>
#include "user/init/init.h"
#include "user/lib/file.h"
#include "user/lib/print.h"
#include "user/lib/string.h"

#define TEXT_MAX  (256 * 1024)
#define WORDS_MAX 4096

static char job_text[TEXT_MAX], env_text[TEXT_MAX], directory[PATH_MAX];
static char *job_argv[WORDS_MAX + 1], *job_envp[WORDS_MAX + 1];
static char *default_envp[] = { "PATH=/bin:/sbin:/usr/bin:/usr/sbin", "HOME=/", "TERM=linux",
				NULL };

/* Points words at the 0-terminated pieces of text: false if there are too many. */
static bool split(char *text, long size, char **words)
{
	unsigned n = 0;

	for (char *p = text; p < text + size; p += strlen(p) + 1) {
		if (n == WORDS_MAX)
			return false;
		words[n++] = p;
	}
	words[n] = NULL;
	return true;
}

/* So that job control and the interrupt key work; without a terminal it simply stays without. */
static void become_session_leader(void)
{
	SYS(setsid);
	SYS(ioctl, 0, TIOCSCTTY, 0);
}

static int exit_code(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Runs it as the only child, reaping orphans meanwhile. */
static int run_program(char **argv, char **envp)
{
	char reason[40];
	int status = 0;
	pid_t pid = sys_fork();
	long ret;

	if (pid == 0) {
		become_session_leader();
		ret = SYS(execve, argv[0], argv, envp);
		print("init: cannot start %s: %s\n", argv[0],
		      describe_result(reason, sizeof(reason), ret));
		sys_exit(ret == -ENOENT ? 127 : 126);
	}
	if (pid < 0) {
		print("init: fork: %s\n", describe_result(reason, sizeof(reason), pid));
		return 126;
	}
	do
		ret = SYS(wait4, -1, &status, __WALL, NULL);
	while (ret != pid && (ret > 0 || ret == -EINTR));
	return exit_code(status);
}

int run_job(void)
{
	char **envp = default_envp, reason[40];
	long n = file_read("/run/job", job_text, sizeof(job_text));

	if (n <= 0 || n == TEXT_MAX - 1 || !split(job_text, n, job_argv)) {
		print("init: /run/job is missing, empty or too long: %s\n",
		      describe_result(reason, sizeof(reason), n));
		return 126;
	}
	n = file_read("/run/job.env", env_text, sizeof(env_text));
	if (n >= 0 && split(env_text, n, job_envp))
		envp = job_envp;
	n = file_read("/run/job.cwd", directory, sizeof(directory));
	if (n > 0 && (n = SYS(chdir, directory)))
		print("init: %s: %s\n", directory, describe_result(reason, sizeof(reason), n));
	return run_program(job_argv, envp);
}

int run_shell(void)
{
	static char *argv[] = { "/bin/busybox", "sh", "-i", NULL };

	return run_program(argv, default_envp);
}

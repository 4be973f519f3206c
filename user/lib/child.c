/* SPDX-License-Identifier: MIT */
/* Child processes. */
#include "user/lib/child.h"
#include "user/lib/file.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

pid_t child_start(child_fn *fn, void *arg)
{
	pid_t pid = sys_fork();
	int status;

	if (pid < 0)
		test_abort("fork", pid);
	if (pid > 0)
		return pid;
	test_forget_failures();
	status = fn(arg);
	sys_exit(status ? status : test_failed());
}

int sleep_for_ever(void *unused)
{
	(void)unused;
	while (SYS(pause))
		;
	return 0;
}

int status_clean(int status)
{
	return WIFSIGNALED(status) ? status & ~0x80 : status;
}

int child_wait(pid_t pid)
{
	int status = 0;
	long ret;

	do
		ret = SYS(wait4, pid, &status, __WALL, NULL);
	while (ret == -EINTR);
	return ret == pid ? status_clean(status) : NO_STATUS;
}

int child_run(child_fn *fn, void *arg)
{
	return child_wait(child_start(fn, arg));
}

bool child_wait_asleep(pid_t pid)
{
	char path[32], text[256], *state;

	format(path, sizeof(path), "/proc/%d/stat", pid);
	for (unsigned i = 0; i < 2000; i++) {
		if (file_read(path, text, sizeof(text)) > 0 && (state = strrchr(text, ')')) &&
		    state[2] == 'S')
			return true;
		sleep_ms(5);
	}
	return false;
}

/* SPDX-License-Identifier: MIT */
/*
 * Who a process is: pid, parent, group, session, users, name of the system, and the rules
 * for changing group and session (getpid(2), setpgid(2), setsid(2), uname(2)).
 */
#include <linux/utsname.h>
#include "user/lib/file.h"
#include "user/lib/test.h"
#include "user/lib/thread.h"

static int check_child(void *parent)
{
	expect_eq("its parent", SYS(getppid), (long)parent);
	expect_true("another pid", self_pid() != (long)parent);
	expect_eq("its thread id is its pid", SYS(gettid), self_pid());
	expect_eq("its group is inherited", SYS(getpgid, 0), SYS_NR(__NR_getpgid, (long)parent));
	expect_eq("its session too", SYS(getsid, 0), SYS_NR(__NR_getsid, (long)parent));
	return test_failed();
}

static void parent_and_child(void)
{
	expect_eq("gettid of a process with one thread", SYS(gettid), self_pid());
	expect_eq("getpgrp", SYS(getpgrp), SYS_NR(__NR_getpgid, 0));
	expect_error("group of nobody", SYS(getpgid, 999999999), ESRCH);
	expect_status("child", child_run(check_child, (void *)(long)self_pid()), EXITED(0));
}

static int new_session(void *unused)
{
	pid_t pid = self_pid();

	(void)unused;
	expect_eq("setsid", SYS(setsid), pid);
	expect_eq("session", SYS(getsid, 0), pid);
	expect_eq("group", SYS(getpgid, 0), pid);
	expect_error("again", SYS(setsid), EPERM);
	expect_error("a session leader stays in its group", SYS(setpgid, 0, 0), EPERM);
	return test_failed();
}

static int executes(void *unused)
{
	char *argv[] = { self_path(), "wait", NULL };

	(void)unused;
	return -(int)SYS(execve, argv[0], argv, program_envp);
}

static void groups_and_sessions(void)
{
	pid_t a = child_start(sleep_for_ever, NULL), b = child_start(sleep_for_ever, NULL);

	expect_status("a new session", child_run(new_session, NULL), EXITED(0));
	expect_eq("a group of its own", SYS(setpgid, a, 0), 0);
	expect_eq("getpgid", SYS(getpgid, a), a);
	expect_eq("another joins it", SYS(setpgid, b, a), 0);
	expect_error("a group that is not there", SYS(setpgid, b, 999999999), EPERM);
	expect_error("a negative group", SYS(setpgid, b, -1), EINVAL);
	expect_error("a process that is no child", SYS(setpgid, 1, 1), ESRCH);
	SYS(kill, a, SIGKILL), SYS(kill, b, SIGKILL);
	child_wait(a), child_wait(b);
}

/* After exec a child's group is no longer its parent's business. */
static void after_exec(void)
{
	char path[64], name[64];
	pid_t a = child_start(executes, NULL);
	long ret = 0;

	format(path, sizeof(path), "/proc/%d/cmdline", a);
	for (unsigned i = 0; i < 2000; i++) {
		long n = file_read(path, name, sizeof(name));

		if (n > 5 && !strcmp(name + n - 5, "wait"))
			break;
		sleep_ms(5);
	}
	ret = SYS(setpgid, a, a);
	expect_error("setpgid", ret, EACCES);
	SYS(kill, a, SIGKILL);
	child_wait(a);
}

static void users(void)
{
	expect_eq("geteuid", SYS(geteuid), SYS_NR(__NR_getuid));
	expect_eq("getegid", SYS(getegid), SYS_NR(__NR_getgid));
}

static void system_name(void)
{
	struct new_utsname name;

	memset(&name, 'x', sizeof(name));
	expect_eq("uname", SYS(uname, &name), 0);
	note("%s %s %s %s", name.sysname, name.nodename, name.release, name.machine);
	expect_string("machine", name.machine, IS_64BIT ? "x86_64" : name.machine);
	expect_true("the release starts with a number that libc accepts",
		    name.release[0] >= '3' && name.release[0] <= '9');
	if (on_paranoid())
		return;
	expect_string("system", name.sysname, "Linux");
}

static const struct test_case cases[] = {
	{ "parent and child", parent_and_child },
	{ "groups and sessions", groups_and_sessions },
	{ "group after exec", after_exec },
	{ "users", users },
	{ "name of the system", system_name },
};

int main(int argc, char **argv, char **envp)
{
	(void)argv, (void)envp;
	return argc > 1 ? sleep_for_ever(NULL) : RUN_CASES(cases);
}

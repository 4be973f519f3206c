/* SPDX-License-Identifier: MIT */
/*
 * Child processes.  A fault is caught by letting a child have it and looking at the
 * child's wait status.
 */
#pragma once

#include "user/lib/sys.h"

/* The wait status, as wait4 gives it (bits/waitstatus.h is the C library's). */
#define WIFEXITED(s)   (((s) & 0x7f) == 0)
#define WEXITSTATUS(s) ((s) >> 8 & 0xff)
#define WTERMSIG(s)    ((s) & 0x7f)
#define WIFSIGNALED(s) (WTERMSIG(s) != 0 && WTERMSIG(s) != 0x7f)
#define WIFSTOPPED(s)  (((s) & 0xff) == 0x7f)
#define WSTOPSIG(s)    ((s) >> 8 & 0xff)
#define EXITED(n)      (((n) & 0xff) << 8)
#define KILLED(signal) (signal)
#define STOPPED(signal) ((signal) << 8 | 0x7f)
#define CONTINUED      0xffff

/* Returned instead of a wait status when there is no child to wait for. */
#define NO_STATUS (-1)

typedef int child_fn(void *arg);

/*
 * Forks; the child exits with fn's result, or with 1 if that is 0 and an expectation
 * failed in it.  The child's pid; a failure to fork ends the test program.
 */
pid_t child_start(child_fn *fn, void *arg);
/* Waits for that child: its status. */
int child_wait(pid_t pid);
/* Both. */
int child_run(child_fn *fn, void *arg);
/*
 * Waits until that process sleeps in a system call, as /proc/PID/stat tells, 10 seconds at most:
 * whether it does.
 */
bool child_wait_asleep(pid_t pid);
/* For a child that only waits to be killed. */
int sleep_for_ever(void *unused);
/* The status with the core-dump bit (not a property of this ABI's tests) taken out. */
int status_clean(int status);

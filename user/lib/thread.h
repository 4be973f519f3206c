/* SPDX-License-Identifier: MIT */
/* Threads: clone with everything shared, a futex in tid to wait for the end. */
#pragma once

#include "user/lib/sys.h"

#define THREAD_FLAGS                                                                               \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |        \
	 CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)
#define THREAD_STACK (64 * 1024)

struct thread {
	int tid;		/* 0 once it has ended */
	void *stack;
};

/* Starts fn(arg) as a thread: its id, or a negative errno and nothing left behind. */
long thread_start(struct thread *t, void (*fn)(void *), void *arg);
/* With more clone flags and a CLONE_SETTLS argument. */
long thread_start_tls(struct thread *t, void (*fn)(void *), void *arg, unsigned long flags,
		      void *tls);
void thread_join(struct thread *t);
/* A stack of that size from mmap, prepared for raw_spawn: the stack pointer to pass. */
void *spawn_stack(void *stack, size_t size, void (*fn)(void *), void *arg);

/* Waits while *word is value; wakes up to n waiters: the raw result. */
long futex_wait(int *word, int value);
long futex_wake(int *word, int n);
/* A sleep of so many milliseconds. */
void sleep_ms(unsigned ms);
/* Sleeps in small steps until *word is value or that many seconds went by: whether it is. */
bool wait_for_value(volatile int *word, int value, unsigned seconds);

/* SPDX-License-Identifier: MIT */
/*
 * Process and thread numbers, and the hash tables behind process_find and thread_find.
 * All with process_lock held.
 */
#pragma once

#include "kernel/process/process.h"

#define PID_MAX 32768

/*
 * A number is in use while something is called by it: a process until it is reaped, a
 * thread other than the leader, a process group or session with members.
 */
int pid_alloc(void);		/* with one use; -EAGAIN: all taken */
void pid_get(int pid);
void pid_put(int pid);

void thread_hash_insert(struct thread *t);
void process_hash_insert(struct process *p);

/* SPDX-License-Identifier: MIT */
/* One request behind fork, vfork, clone and clone3. */
#pragma once

#include "kernel/lib/compiler.h"

struct thread;

struct clone_request {
	uint64_t flags;		/* CLONE_* without the exit signal */
	int exit_signal;	/* 0: none */
	uint64_t stack;		/* child's stack pointer; 0: as the parent's */
	uint64_t tls;		/* CLONE_SETTLS: FS base, or i386: user address of a user_desc */
	void __user *parent_tid, *child_tid;
};

/*
 * The child's tid, or -EINVAL (flags contradict each other), -EAGAIN (no number left),
 * -ENOMEM, -EPERM and -EFAULT (tls), -EINTR (the caller is about to die), -ERESTARTNOINTR (a
 * signal comes first).
 */
long process_clone(const struct clone_request *r);

/* kernel/process/tls.c: CLONE_SETTLS on a child that has not run.  0, -EPERM, -EINVAL, -EFAULT. */
int tls_set_for_child(struct thread *child, uint64_t tls, bool compat);

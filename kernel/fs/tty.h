/* SPDX-License-Identifier: MIT */
/* The one terminal of this machine: COM1 in, COM1 and the screen out. */
#pragma once

#include <asm/termios.h>
#include "kernel/fs/inode.h"
#include "kernel/fs/tty_line.h"
#include "sched/wait.h"

struct tty {
	struct spinlock lock;		/* RANK_TTY, irq: all but the queue */
	struct tty_line line;
	struct termios termios;
	struct winsize size;
	int session, foreground;	/* its session and foreground process group; 0: none */
	struct waitq readable;
};

extern struct tty tty;
extern const struct file_ops tty_ops;		/* /dev/console, /dev/ttyS0 */
extern const struct file_ops tty_own_ops;	/* /dev/tty: only where it controls the caller */

/* Boot: from here on input arrives. */
void tty_init(void);
long tty_ioctl(struct file *file, unsigned cmd, uintptr_t arg, bool compat);

/* kernel/fs/tty_job.c: job control. */
bool tty_controls_caller(void);
/*
 * May the caller do what only the foreground may? 0, or after signo was sent to its group
 * -ERESTARTSYS, or -EIO where it ignores signo.
 */
int tty_check_foreground(int signo);
long tty_job_ioctl(unsigned cmd, uintptr_t arg);	/* -ENOTTY: not one of these */

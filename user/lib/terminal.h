/* SPDX-License-Identifier: MIT */
/* A controlling terminal for the session of a test. */
#pragma once

#include <asm/ioctls.h>
#include "user/lib/sys.h"

/*
 * The calling process becomes the leader of a session with a terminal of its own, and its group
 * is in the foreground.  The terminal's descriptor, or an error.
 */
long open_session(void);

static inline long set_foreground(long tty, int pgid)
{
	return SYS(ioctl, tty, TIOCSPGRP, &pgid);
}

/* SPDX-License-Identifier: MIT */
/*
 * Runs code with another CS and SS, whatever they are: sigreturn goes there, and the signal with
 * which the code ends comes back.
 */
#pragma once

#include "user/lib/handler.h"

struct segment_run {
	uint16_t cs, ss;
	unsigned long ip, sp, ax, bx;	/* what is 32-bit gets the low halves */
};

struct segment_stop {
	unsigned stops;			/* signals that came: more or less than 1 is wrong */
	int signo, code;
	struct ucontext uc;		/* as it was then */
};

/*
 * Uses SIGUSR1 to go; SIGTRAP, SIGSEGV and SIGBUS end the run.  Installs their handlers, an
 * alternate stack for the latter, and flat DS, which code that is not 64-bit needs.
 */
const struct segment_stop *segment_run(const struct segment_run *run);

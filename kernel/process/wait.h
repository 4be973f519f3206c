/* SPDX-License-Identifier: MIT */
/* What the wait calls of both tables share. */
#pragma once

#include "kernel/process/sigstate.h"

struct process;

struct wait_request {
	int type;		/* P_ALL, P_PID, P_PGID */
	int id;
	int options;		/* of waitid: WEXITED, WSTOPPED, ..., WNOHANG, WNOWAIT, __W* */
	/* Out, if the result is a pid. */
	int status;		/* of wait4 */
	struct signal_info info; /* of waitid */
	uint64_t runtime_ns;
	struct process *dead;	/* for process_wait's own use */
};

/* A pid with the rest of *w filled; 0 with WNOHANG; -ECHILD, -ERESTARTSYS.  Thread context. */
int process_wait(struct wait_request *w);

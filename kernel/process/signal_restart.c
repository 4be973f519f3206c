/* SPDX-License-Identifier: MIT */
/*
 * What becomes of the system call that a signal interrupted (spec 6.10).
 *
 *	left by the call	no handler	handler		handler, SA_RESTART
 *	ERESTARTNOINTR		again		again		again
 *	ERESTARTSYS		again		EINTR		again
 *	ERESTARTNOHAND		again		EINTR		EINTR
 *	ERESTART_RESTARTBLOCK	continued	EINTR		EINTR
 *
 * "Continued" is restart_syscall, with the number that it has in the table of the original call,
 * whatever the thread does by then (R6.20).
 */
#include <asm/errno.h>
#include "kernel/cpu/ptregs.h"
#include "kernel/process/signal_internal.h"

#define NR_RESTART_64 219	/* restart_syscall in the two tables */
#define NR_RESTART_32 0

/* RIP stands behind SYSCALL or INT 0x80, both two bytes long. */
void restart_interrupted(struct pt_regs *regs, enum interruption how)
{
	struct restart_block *restart = &current_thread()->restart;
	uint64_t number = regs->orig_rax;

	switch (-(int64_t)regs->rax) {
	case ERESTARTNOINTR:
		break;
	case ERESTARTSYS:
		if (how == HANDLER)
			goto interrupted;
		break;
	case ERESTARTNOHAND:
		if (how != NO_HANDLER)
			goto interrupted;
		break;
	case ERESTART_RESTARTBLOCK:
		if (how != NO_HANDLER)
			goto interrupted;
		restart->armed = true;
		number = restart->compat ? NR_RESTART_32 : NR_RESTART_64;
		break;
	default:
		return;
	}
	regs->rax = number;
	regs->rip -= 2;
	return;
interrupted:
	regs->rax = -EINTR;
}

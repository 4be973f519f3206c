/* SPDX-License-Identifier: MIT */
/* Signal frames: where they go, and what both bitnesses share. */
#include <asm/errno.h>
#include <asm/siginfo.h>
#include "kernel/cpu/ptregs.h"
#include "kernel/mm/user_xstate.h"
#include "kernel/process/sigframe.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/sigset.h"
#include "sched/thread.h"

#define RED_ZONE     128	/* x86-64 ABI, 3.2.2: leaf functions keep data below RSP */
#define FRAME_ALIGN  16
#define XSTATE_ALIGN 64

/* At the handler's first instruction the word above the return address is 16-byte aligned. */
static uint64_t align_frame(uint64_t sp, bool compat)
{
	return compat ? ALIGN_DOWN(sp + 4, FRAME_ALIGN) - 4 : ALIGN_DOWN(sp, FRAME_ALIGN) - 8;
}

int sigframe_find_place(struct sigframe_place *place, const struct pt_regs *regs,
			const struct signal_action *action, size_t size)
{
	const struct thread_signals *sig = &current_thread()->sig;
	bool compat = action->flags & SIGNAL_ACTION_COMPAT;
	uint64_t sp = regs->rsp - (compat ? 0 : RED_ZONE);
	bool bounded = false;

	if (sig->alt_size) {
		bounded = altstack_in_use(sig, regs->rsp);
		if ((action->flags & SA_ONSTACK) && !altstack_in_use(sig, sp)) {
			sp = sig->alt_sp + sig->alt_size;
			bounded = true;
		}
	}
	place->fx = ALIGN_DOWN(sp - sigframe_xstate_size(), XSTATE_ALIGN);
	place->fpstate = place->fx - (compat ? FSAVE_SIZE : 0);
	place->frame = align_frame(place->fpstate - size, compat);
	return bounded && !altstack_holds(sig, place->frame) ? -EFAULT : 0;
}

void sigreturn_begin(struct pt_regs *regs, sigmask_t mask)
{
	struct thread *t = current_thread();

	regs->orig_rax = -1;
	t->restart.armed = false;
	signal_set_blocked(mask);
}

void sigreturn_altstack(uint64_t sp, uint64_t size, uint32_t flags, size_t min_size)
{
	const struct thread_signals *sig = &current_thread()->sig;
	struct altstack new = { sp, size, flags }, unused;

	if (sp != sig->alt_sp || size != sig->alt_size || flags != sig->alt_flags)
		(void)signal_change_altstack(&new, &unused, min_size);
}

void sigreturn_bad_frame(void)
{
	signal_force(&(struct signal_info){ .signo = SIGSEGV, .code = SI_KERNEL });
}

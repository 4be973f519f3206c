/* SPDX-License-Identifier: MIT */
/* sigreturn: what both bitnesses share. */
#include <asm/siginfo.h>
#include "kernel/process/sigframe.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/sigset.h"

void sigreturn_change_altstack(uint64_t sp, uint64_t size, uint32_t flags, size_t min_size)
{
	struct altstack new = { sp, size, flags }, unused;

	(void)signal_change_altstack(&new, &unused, min_size);
}

void sigreturn_bad_frame(void)
{
	signal_force(&(struct signal_info){ .signo = SIGSEGV, .code = SI_KERNEL });
}

/* SPDX-License-Identifier: MIT */
/* Signal handlers, and the registers that they find in their frames. */
#pragma once

#include "user/lib/signals.h"
#include "user/lib/sys.h"
#include <asm/sigcontext.h>
#include <asm/ucontext.h>

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1u << 31)
#endif

typedef void handler_fn(int signo, siginfo_t *info, struct ucontext *uc);

/* SA_SIGINFO and SA_RESTORER are added to flags; mask 0.  A failure ends the test program. */
void handle(int signo, handler_fn *fn, unsigned long flags);
void handle_masked(int signo, handler_fn *fn, unsigned long flags, uint64_t mask);
/* Without SA_SIGINFO: 32-bit programs get the old frame, whose sigcontext follows signo. */
void handle_plain(int signo, void *fn, unsigned long flags);
/* The raw call, with nothing added. */
long handle_raw(int signo, void *fn, unsigned long flags, void *restorer, uint64_t mask);
/* What is set: the flags. */
unsigned long handler_flags(int signo);

/* user/lib/restorer64.asm, restorer32.asm: where a handler returns to. */
void rt_restorer(void);
void old_restorer(void);	/* 32 bit */
/* sigreturn with a frame of one's own: the stack pointer is set to it, and the call made. */
__attribute__((noreturn)) void raw_rt_sigreturn(const void *stack_pointer);
__attribute__((noreturn)) void raw_old_sigreturn(const void *stack_pointer);	/* 32 bit */

#ifdef __x86_64__
#define REG(uc, name) ((uc)->uc_mcontext.r##name)
#define REG_FLAGS(uc) ((uc)->uc_mcontext.eflags)
#else
#define REG(uc, name) ((uc)->uc_mcontext.e##name)
#define REG_FLAGS(uc) ((uc)->uc_mcontext.eflags)
#endif

/* The 64 bits of the mask in a frame; i386's structure only knows of 32. */
static inline uint64_t frame_mask(const struct ucontext *uc)
{
	uint64_t mask;

	__builtin_memcpy(&mask, &uc->uc_sigmask, sizeof(mask));
	return mask;
}

static inline void set_frame_mask(struct ucontext *uc, uint64_t mask)
{
	__builtin_memcpy(&uc->uc_sigmask, &mask, sizeof(mask));
}

static inline long set_altstack(void *sp, size_t size, int flags)
{
	stack_t s = { .ss_sp = sp, .ss_flags = flags, .ss_size = size };

	return SYS(sigaltstack, &s, NULL);
}

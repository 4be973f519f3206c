/* SPDX-License-Identifier: MIT */
/*
 * The 64-bit signal frame: return address, ucontext, siginfo.
 *
 * FS and GS are in none of its fields: a handler runs with the interrupted selectors and bases, and
 * what it changes stays changed (spec 3.5).  The two words of old kernels are 0 and never read.
 */
#include <asm/errno.h>
#include <asm/sigcontext.h>
#include <asm/signal.h>
#include <asm/ucontext.h>
#include "kernel/cpu/features.h"
#include "kernel/cpu/ptregs.h"
#include "kernel/cpu/segments.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/sigframe.h"
#include "kernel/process/sigframe_place.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/syscall.h"

/* stack_t and struct ucontext, with the padding named: none of it may go out as it is. */
struct frame_stack {
	uint64_t sp;
	uint32_t flags, pad;
	uint64_t size;
};

struct frame_ucontext {
	uint64_t uc_flags, uc_link;
	struct frame_stack uc_stack;
	struct sigcontext uc_mcontext;
	sigmask_t uc_sigmask;
};
_Static_assert(sizeof(struct frame_ucontext) == sizeof(struct ucontext), "the same");

struct frame_64 {
	uint64_t return_address;
	struct frame_ucontext uc;
	siginfo_t info;
};
_Static_assert(offsetof(struct frame_64, info) == 8 + 304, "spec 12.3");

/*
 * In 64-bit mode SS hardly matters, but IRETQ checks it: what is no writable data segment of
 * ring 3 is replaced (R12.1, R12.3).  LAR sees the descriptors that IRETQ will see (SDM vol. 2).
 */
static uint16_t usable_ss(uint16_t selector)
{
	/* P, DPL, S, type without direction. */
	const uint32_t kind = 0xfa00, writable_data = 0xf200;
	uint32_t rights = 0;

	if (selector == USER_DS)
		return selector;
	__asm__("lar %1, %0" : "+r"(rights) : "r"((uint32_t)selector) : "cc");
	return (rights & kind) == writable_data ? selector : USER_DS;
}

static void save_context(struct sigcontext *c, const struct pt_regs *r,
			 const struct thread_signals *sig)
{
	c->r8 = r->r8, c->r9 = r->r9, c->r10 = r->r10, c->r11 = r->r11;
	c->r12 = r->r12, c->r13 = r->r13, c->r14 = r->r14, c->r15 = r->r15;
	c->rdi = r->rdi, c->rsi = r->rsi, c->rbp = r->rbp, c->rbx = r->rbx;
	c->rdx = r->rdx, c->rax = r->rax, c->rcx = r->rcx, c->rsp = r->rsp;
	c->rip = r->rip, c->eflags = r->rflags;
	c->cs = r->cs, c->gs = 0, c->fs = 0, c->ss = r->ss;
	c->err = sig->fault.error_code;
	c->trapno = sig->fault.trapno;
	c->cr2 = sig->fault.cr2;
	for (unsigned i = 0; i < ARRAY_SIZE(c->reserved1); i++)
		c->reserved1[i] = 0;
}

static void fill_frame(struct frame_64 *f, const struct pt_regs *regs,
		       const struct signal_action *action, uint64_t fpstate, sigmask_t mask)
{
	const struct thread_signals *sig = &current_thread()->sig;

	f->return_address = action->restorer;
	f->uc.uc_flags = UC_SIGCONTEXT_SS | (cpu_has(FEATURE_XSAVE) ? UC_FP_XSTATE : 0) |
			 (regs->cs == USER_CS ? UC_STRICT_RESTORE_SS : 0);
	f->uc.uc_link = 0;
	f->uc.uc_stack = (struct frame_stack){ sig->alt_sp, sig->alt_flags, 0, sig->alt_size };
	save_context(&f->uc.uc_mcontext, regs, sig);
	f->uc.uc_mcontext.oldmask = mask;
	f->uc.uc_mcontext.fpstate = (void *)fpstate;
	f->uc.uc_sigmask = mask;
}

int sigframe_setup_64(struct pt_regs *regs, const struct signal_action *action,
		      const struct signal_info *info, sigmask_t mask)
{
	bool with_info = action->flags & SA_SIGINFO;
	struct sigframe_place place;
	struct frame_64 f;

	if (!(action->flags & SA_RESTORER))
		return -EFAULT;		/* there is nothing that the handler could return to */
	if (sigframe_find_place(&place, regs, action->flags & SA_ONSTACK, sizeof(f), false))
		return -EFAULT;
	fill_frame(&f, regs, action, place.fpstate, mask);
	if (with_info)
		siginfo_fill_64(&f.info, info);
	if (copy_to_user((void __user *)place.frame, &f,
			 with_info ? sizeof(f) : offsetof(struct frame_64, info)) ||
	    sigframe_save_xstate(place.fx, false))
		return -EFAULT;
	regs->rax = 0;		/* no vector registers, for a handler without prototype */
	regs->rdi = info->signo;
	regs->rsi = place.frame + offsetof(struct frame_64, info);
	regs->rdx = place.frame + offsetof(struct frame_64, uc);
	regs->rip = action->handler;
	regs->rsp = place.frame;
	regs->cs = USER_CS;
	regs->ss = usable_ss(regs->ss);
	return 0;
}

/* RPL 3 is forced: what else is wrong with a selector, IRETQ finds, and the user pays (RET-2). */
static void load_context(struct pt_regs *r, const struct sigcontext *c, bool strict)
{
	r->r8 = c->r8, r->r9 = c->r9, r->r10 = c->r10, r->r11 = c->r11;
	r->r12 = c->r12, r->r13 = c->r13, r->r14 = c->r14, r->r15 = c->r15;
	r->rdi = c->rdi, r->rsi = c->rsi, r->rbp = c->rbp, r->rbx = c->rbx;
	r->rdx = c->rdx, r->rax = c->rax, r->rcx = c->rcx, r->rsp = c->rsp;
	r->rip = c->rip;
	r->rflags = (r->rflags & ~SIGFRAME_FLAGS) | (c->eflags & SIGFRAME_FLAGS);
	r->cs = c->cs | 3;
	r->ss = c->ss | 3;
	if (!strict && r->cs == USER_CS)
		r->ss = usable_ss(r->ss);
}

SYSCALL0(rt_sigreturn)
{
	struct pt_regs *regs = thread_regs(current_thread());
	const void __user *from = (void __user *)(regs->rsp - 8 + offsetof(struct frame_64, uc));
	struct frame_ucontext uc;

	if (copy_from_user(&uc, from, sizeof(uc))) {
		sigreturn_bad_frame();
		return regs->rax;
	}
	sigreturn_begin(regs, uc.uc_sigmask);
	load_context(regs, &uc.uc_mcontext, uc.uc_flags & UC_STRICT_RESTORE_SS);
	if (sigframe_restore_xstate((uintptr_t)uc.uc_mcontext.fpstate, false))
		sigreturn_bad_frame();
	else
		sigreturn_altstack(uc.uc_stack.sp, uc.uc_stack.size, uc.uc_stack.flags,
				   MINSIGSTKSZ);
	return regs->rax;
}

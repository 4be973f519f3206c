/* SPDX-License-Identifier: MIT */
/*
 * The two i386 signal frames: the old one, for handlers without SA_SIGINFO, and the rt frame.
 *
 * Both hold the segment selectors.  sigreturn loads those that differ from what the register has by
 * then, so a base that was set behind an unchanged selector survives (R3.14).
 */
#include <asm/errno.h>
#include <asm/sigcontext.h>
#include <asm/signal.h>
#include <asm/ucontext.h>
#include "kernel/cpu/features.h"
#include "kernel/cpu/ptregs.h"
#include "kernel/cpu/segments.h"
#include "kernel/cpu/x86.h"
#include "kernel/lib/string.h"
#include "kernel/mm/usercopy.h"
#include "kernel/process/compat.h"
#include "kernel/process/sigframe.h"
#include "kernel/process/sigframe_place.h"
#include "kernel/process/signal_internal.h"
#include "kernel/process/syscall.h"
#include "kernel/process/vdso.h"
#include "sched/sched.h"

/* popl %eax; movl $119, %eax; int $0x80 - and without the first.  Only debuggers look here: NX. */
static const uint8_t retcode[8] = { 0x58, 0xb8, 119, 0, 0, 0, 0xcd, 0x80 };
static const uint8_t rt_retcode[8] = { 0xb8, 173, 0, 0, 0, 0xcd, 0x80, 0 };

static void save_context(struct sigcontext_32 *c, const struct pt_regs *r, uint64_t fpstate,
			 sigmask_t mask)
{
	const struct thread_signals *sig = &current_thread()->sig;

	memset(c, 0, sizeof(*c));
	__asm__("mov %%gs, %0" : "=r"(c->gs));
	__asm__("mov %%fs, %0" : "=r"(c->fs));
	__asm__("mov %%es, %0" : "=r"(c->es));
	__asm__("mov %%ds, %0" : "=r"(c->ds));
	c->di = r->rdi, c->si = r->rsi, c->bp = r->rbp, c->sp = r->rsp;
	c->bx = r->rbx, c->dx = r->rdx, c->cx = r->rcx, c->ax = r->rax;
	c->trapno = sig->fault.trapno;
	c->err = sig->fault.error_code;
	c->ip = r->rip, c->cs = r->cs, c->flags = r->rflags;
	c->sp_at_signal = r->rsp;
	c->ss = r->ss;
	c->fpstate = fpstate;
	c->oldmask = mask;
	c->cr2 = sig->fault.cr2;
}

/* FNSAVE comes last: it is the only step that changes registers. */
static int save_xstate(const struct sigframe_place *place)
{
	if (sigframe_save_xstate(place->fx, true))
		return -EFAULT;
	return fnsave_to_user((void __user *)place->fpstate);
}

/*
 * Without SA_RESTORER the handler returns through the vDSO; where there is none, to the code on the
 * stack, which is never executable: SIGSEGV.
 */
static uint32_t return_address(const struct signal_action *a, bool rt, uint64_t code)
{
	uintptr_t vdso;

	if (a->flags & SA_RESTORER)
		return a->restorer;
	vdso = vdso_sigreturn(current_thread()->mm, rt);
	return vdso ? vdso : code;
}

static void enter(struct pt_regs *regs, const struct signal_action *a, uint64_t frame, int signo,
		  uint64_t info, uint64_t uc)
{
	regs->rsp = frame;
	regs->rip = a->handler;
	regs->rax = signo;
	regs->rdx = info;
	regs->rcx = uc;
	regs->cs = USER32_CS;
	regs->ss = USER_DS;
	thread_load_flat_data();
}

/* Between the two parts lies room that no kernel has filled since FXSAVE exists. */
static int setup_old(struct pt_regs *regs, const struct signal_action *action, int signo,
		     sigmask_t mask)
{
	struct compat_sigframe *at;
	struct compat_sigframe_head head;
	struct compat_sigframe_tail tail;
	struct sigframe_place place;

	if (sigframe_find_place(&place, regs, action->flags & SA_ONSTACK, sizeof(*at), true))
		return -EFAULT;
	at = (struct compat_sigframe *)place.frame;
	head.return_address = return_address(action, false, (uintptr_t)&at->tail.retcode);
	head.signo = signo;
	save_context(&head.sc, regs, place.fpstate, mask);
	tail.mask_high = mask >> 32;
	memcpy(tail.retcode, retcode, sizeof(retcode));
	if (copy_to_user(&at->head, &head, sizeof(head)) ||
	    copy_to_user(&at->tail, &tail, sizeof(tail)) || save_xstate(&place))
		return -EFAULT;
	enter(regs, action, place.frame, signo, 0, 0);
	return 0;
}

static int setup_rt(struct pt_regs *regs, const struct signal_action *action,
		    const struct signal_info *info, sigmask_t mask)
{
	const struct thread_signals *sig = &current_thread()->sig;
	struct compat_rt_sigframe *at, f;
	struct sigframe_place place;

	if (sigframe_find_place(&place, regs, action->flags & SA_ONSTACK, sizeof(f), true))
		return -EFAULT;
	at = (struct compat_rt_sigframe *)place.frame;
	f.return_address = return_address(action, true, (uintptr_t)&at->retcode);
	f.signo = info->signo;
	f.info_ptr = (uintptr_t)&at->info;
	f.uc_ptr = (uintptr_t)&at->uc;
	siginfo_fill_32(&f.info, info);
	f.uc.flags = cpu_has(FEATURE_XSAVE) ? UC_FP_XSTATE : 0;
	f.uc.link = 0;
	f.uc.stack = (struct compat_stack_t){ sig->alt_sp, sig->alt_flags, sig->alt_size };
	save_context(&f.uc.mcontext, regs, place.fpstate, mask);
	f.uc.mask[0] = mask;
	f.uc.mask[1] = mask >> 32;
	memcpy(f.retcode, rt_retcode, sizeof(rt_retcode));
	if (copy_to_user(at, &f, sizeof(f)) || save_xstate(&place))
		return -EFAULT;
	enter(regs, action, place.frame, info->signo, f.info_ptr, f.uc_ptr);
	return 0;
}

int sigframe_setup_32(struct pt_regs *regs, const struct signal_action *action,
		      const struct signal_info *info, sigmask_t mask)
{
	if (action->flags & SA_SIGINFO)
		return setup_rt(regs, action, info, mask);
	return setup_old(regs, action, info->signo, mask);
}

/* 0 to 3 are all the null selector; the others are the user's in any case. */
static uint16_t user_selector(uint16_t s)
{
	return s <= 3 ? s : s | 3;
}

static void load_context(struct pt_regs *r, const struct sigcontext_32 *c)
{
	r->rdi = c->di, r->rsi = c->si, r->rbp = c->bp, r->rsp = c->sp;
	r->rbx = c->bx, r->rdx = c->dx, r->rcx = c->cx, r->rax = c->ax;
	r->rip = c->ip;
	r->rflags = (r->rflags & ~SIGFRAME_FLAGS) | (c->flags & SIGFRAME_FLAGS);
	r->cs = c->cs | 3;
	r->ss = c->ss | 3;
	thread_load_selectors(user_selector(c->fs), user_selector(c->gs), user_selector(c->ds),
			      user_selector(c->es));
}

/* The handler's RET has taken the return address, and the old trampoline pops the number too. */
COMPAT_SYSCALL0(sigreturn)
{
	struct pt_regs *regs = thread_regs(current_thread());
	const struct compat_sigframe __user *at = (void __user *)(regs->rsp - 8);
	struct sigcontext_32 sc;
	uint32_t mask_high;

	if (copy_from_user(&sc, &at->head.sc, sizeof(sc)) ||
	    get_user_u32(&mask_high, &at->tail.mask_high)) {
		sigreturn_bad_frame();
		return regs->rax;
	}
	sigreturn_begin(regs, (uint64_t)mask_high << 32 | sc.oldmask);
	load_context(regs, &sc);
	if (sigframe_restore_xstate(sc.fpstate, true))
		sigreturn_bad_frame();
	return regs->rax;
}

COMPAT_SYSCALL0(rt_sigreturn)
{
	struct pt_regs *regs = thread_regs(current_thread());
	const struct compat_rt_sigframe __user *at = (void __user *)(regs->rsp - 4);
	struct compat_ucontext uc;

	if (copy_from_user(&uc, &at->uc, sizeof(uc))) {
		sigreturn_bad_frame();
		return regs->rax;
	}
	sigreturn_begin(regs, (uint64_t)uc.mask[1] << 32 | uc.mask[0]);
	load_context(regs, &uc.mcontext);
	if (sigframe_restore_xstate(uc.mcontext.fpstate, true))
		sigreturn_bad_frame();
	else
		sigreturn_altstack(uc.stack.sp, uc.stack.size, uc.stack.flags, COMPAT_MINSIGSTKSZ);
	return regs->rax;
}

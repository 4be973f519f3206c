/* SPDX-License-Identifier: MIT */
/*
 * What NASM must know of the C side.  This file is only compiled to assembly text; the Makefile
 * turns each "@define NAME value" in it into a line of build/offsets.inc.
 */
#include <asm/errno.h>
#include "kernel/cpu/alternative.h"
#include "kernel/cpu/cpu_area.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/idt.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/ptregs.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/entry_trace.h"
#include "kernel/debug/machine_end.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/user_xstate.h"
#include "kernel/process/syscall.h"
#include "sched/thread.h"

#define DEFINE(name, value) __asm__ volatile("# @define " #name " %0" ::"i"((long)(value)))
#define CONSTANT(name) __asm__ volatile("# @define " #name " %0" ::"i"((long)(name)))
#define REGS(field) DEFINE(REGS_##field, offsetof(struct pt_regs, field))

void offsets(void);
void offsets(void)
{
	REGS(r15);
	REGS(r14);
	REGS(r13);
	REGS(r12);
	REGS(rbp);
	REGS(rbx);
	REGS(r11);
	REGS(r10);
	REGS(r9);
	REGS(r8);
	REGS(rax);
	REGS(rcx);
	REGS(rdx);
	REGS(rsi);
	REGS(rdi);
	REGS(orig_rax);
	REGS(rip);
	REGS(cs);
	REGS(rflags);
	REGS(rsp);
	REGS(ss);
	CONSTANT(SELECTOR_TI);
	DEFINE(REGS_SIZE, sizeof(struct pt_regs));

	DEFINE(PERCPU_current, offsetof(struct percpu, current));
	DEFINE(PERCPU_kernel_stack, offsetof(struct percpu, kernel_stack));
	DEFINE(PERCPU_user_rsp, offsetof(struct percpu, user_rsp));
	DEFINE(PERCPU_espfix_words, offsetof(struct percpu, espfix_words));
	DEFINE(PERCPU_espfix_alias, offsetof(struct percpu, espfix_alias));
	DEFINE(THREAD_kernel_sp, offsetof(struct thread, kernel_sp));
	DEFINE(THREAD_mm, offsetof(struct thread, mm));
	DEFINE(THREAD_syscall_compat, offsetof(struct thread, syscall_compat));
	DEFINE(MM_landing_pad, offsetof(struct mm, landing_pad));
	DEFINE(XSAVE_MIDDLE_SIZE, sizeof(struct xsave_middle));
	DEFINE(XSAVE_CHECK_end_word, offsetof(struct xsave_check, end_word));
	CONSTANT(XSAVE_MIDDLE_OFFSET);
	CONSTANT(EFAULT);
	DEFINE(SEGMENTS_fs, offsetof(struct thread_segments, fs));
	DEFINE(SEGMENTS_gs, offsetof(struct thread_segments, gs));
	DEFINE(SEGMENTS_ds, offsetof(struct thread_segments, ds));
	DEFINE(SEGMENTS_es, offsetof(struct thread_segments, es));

	CONSTANT(KERNEL_CS);
	CONSTANT(KERNEL_DS);
	CONSTANT(USER_CS);
	CONSTANT(USER32_CS);
	CONSTANT(USER_DS);
	CONSTANT(IST_SIZE);
	CONSTANT(IST_COUNT);
	CONSTANT(KERNEL_STACK_SIZE);
	CONSTANT(KERNEL_BASE);
	CONSTANT(DIRECT_MAP_BASE);
	CONSTANT(END_FATAL);
	CONSTANT(MSR_GS_BASE);
	CONSTANT(EXIT_SYSRETQ);
	CONSTANT(VECTOR_SYSCALL);
	CONSTANT(SYSCALL_TABLE_LAST);
	CONSTANT(TRACE_SYSCALL_64);
	CONSTANT(TRACE_SYSCALL_FAST_32);
	CONSTANT(TRACE_EVENTS);
	CONSTANT(EXIT_SYSRETL);
	CONSTANT(X86_FIXED);
	CONSTANT(X86_TF);
	CONSTANT(X86_IF);
	CONSTANT(X86_NT);
	CONSTANT(X86_AC);

	CONSTANT(ALT_NOT);
	CONSTANT(FEATURE_ALWAYS);
	CONSTANT(FEATURE_FSGSBASE);
	CONSTANT(FEATURE_SMAP);
	CONSTANT(FEATURE_XSAVE);
	CONSTANT(FEATURE_XSAVEOPT);
	CONSTANT(FEATURE_ERMS);
	CONSTANT(FEATURE_FENCE_SWAPGS);
	CONSTANT(FEATURE_SYSRET_KEEPS_SS);
	CONSTANT(FEATURE_NMI_EARLY);
}

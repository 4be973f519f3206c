/* SPDX-License-Identifier: MIT */
/*
 * FS, GS, DS, ES and TLS across a switch (spec 3).
 *
 * With FSGSBASE a selector says nothing about its base, so the bases are always read from and
 * written to the hardware. Without it they are read and written by MSR, in the same places: the
 * ABI is the same in both modes but for the instructions themselves (spec 3.7).  Two orders
 * matter:
 *
 *   * selectors are read before the next thread's TLS descriptors reach the GDT (R3.6);
 *   * a selector is loaded before its base, because loading it changes the base.
 *
 * The kernel's own GS is the active one here.  The user's is inactive: with FSGSBASE it is made
 * active for one instruction, interrupts off, nothing else in between; an NMI or #DB in that
 * window goes through the tristate (R3.5).
 *
 * Which instructions these are is patched into place at boot: with FSGSBASE the image contains no
 * access to the MSRs of FS and GS here (R3.4; tests/test_image.py looks).
 */
#pragma once

#include "kernel/cpu/alternative.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "sched/segment_plan.h"
#include "sched/thread.h"

/*
 * sched/segments.asm: all four registers, or GS alone, for user mode.  A selector whose descriptor
 * is gone becomes 0.  Interrupts off.
 */
void load_user_segments(const struct thread_segments *seg);
void load_gs_index(uint16_t selector);

#define STORE_SELECTOR(name, to) __asm__ volatile("mov %%" #name ", %0" : "=m"(to))

/* 64 bits between RAX and an MSR, which takes EDX:EAX. */
#define RDMSR_RAX(msr) "mov $" ALT_STRING(msr) ", %%ecx; rdmsr; shl $32, %%rdx; or %%rdx, %%rax; "
#define WRMSR_RAX(msr) "mov $" ALT_STRING(msr) ", %%ecx; mov %%rax, %%rdx; shr $32, %%rdx; wrmsr; "

static __always_inline void read_user_bases(uint64_t *fs, uint64_t *gs)
{
	__asm__ volatile(ALTERNATIVE(RDMSR_RAX(MSR_FS_BASE) "mov %%rax, %%rsi; "
				     RDMSR_RAX(MSR_KERNEL_GS_BASE),
				     "rdfsbase %%rsi; swapgs; rdgsbase %%rax; swapgs",
				     FEATURE_FSGSBASE)
			 : "=S"(*fs), "=a"(*gs)::"rcx", "rdx", "cc", "memory");
}

static __always_inline void write_user_bases(uint64_t fs, uint64_t gs)
{
	__asm__ volatile(ALTERNATIVE(WRMSR_RAX(MSR_KERNEL_GS_BASE) "mov %%rsi, %%rax; "
				     WRMSR_RAX(MSR_FS_BASE),
				     "wrfsbase %%rsi; swapgs; wrgsbase %%rax; swapgs",
				     FEATURE_FSGSBASE)
			 : "+a"(gs) : "S"(fs) : "rcx", "rdx", "cc", "memory");
}

/*
 * Selectors, real bases and TLS.  Interrupts off.  What is loaded follows a save, of the same or
 * of another thread, without user code in between.
 */
static __always_inline void segments_save(struct thread_segments *seg)
{
	ASSERT_DEBUG(!irqs_on(), "SEG-1");
	STORE_SELECTOR(fs, seg->fs);
	STORE_SELECTOR(gs, seg->gs);
	STORE_SELECTOR(ds, seg->ds);
	STORE_SELECTOR(es, seg->es);
	this_cpu(live_selectors) = READ_ONCE(seg->selectors);
	read_user_bases(&seg->fs_base, &seg->gs_base);
}

/*
 * An interrupt from user mode leaves SS null.  SYSRET on AMD CPUs loads the selector but not the
 * hidden attributes (APM vol. 3, SYSRET): with SS null here, the next thread's stack segment would
 * be unusable in 32-bit code (R6.17).
 */
static __always_inline void make_ss_usable(void)
{
	__asm__ volatile(ALTERNATIVE("mov %%ss, %%eax; "
				     "cmp $" ALT_STRING(KERNEL_DS) ", %%ax; je 1f; "
				     "mov $" ALT_STRING(KERNEL_DS) ", %%eax; mov %%eax, %%ss; 1:",
				     "", FEATURE_SYSRET_KEEPS_SS | ALT_NOT)
			 ::: "eax", "cc", "memory");
}

static __always_inline void segments_load(const struct thread_segments *seg)
{
	uint64_t *tls = &this_cpu(gdt)[GDT_TLS];

	ASSERT_DEBUG(!irqs_on(), "SEG-1");
	make_ss_usable();
	for (unsigned i = 0; i < GDT_TLS_COUNT; i++)
		tls[i] = seg->tls[i];
	if (segments_must_load(this_cpu(live_selectors), seg->selectors)) {
		load_user_segments(seg);
		this_cpu(segment_loads)++;
	}
	write_user_bases(seg->fs_base, seg->gs_base);
}

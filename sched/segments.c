/* SPDX-License-Identifier: MIT */
/*
 * FS, GS, DS, ES and TLS across a switch (spec 3).
 *
 * With FSGSBASE a selector says nothing about its base, so the bases are always read from and written to the hardware. Without
 * it they are read and written by MSR, in the same places: the ABI is the same in both modes but
 * for the instructions themselves (spec 3.7).  Two orders matter:
 *
 *   * selectors are read before the next thread's TLS descriptors reach the GDT (R3.6);
 *   * a selector is loaded before its base, because loading it changes the base.
 *
 * The kernel's own GS is the active one here.  The user's is inactive: with FSGSBASE it is made active for one instruction,
 * interrupts off; an NMI or #DB in that window goes through the tristate (R3.5).
 */
#include "kernel/cpu/cpu_area.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/x86.h"
#include "sched/user_state.h"

#define READ_SELECTOR(name)                                                                \
	({                                                                                 \
		uint16_t s_;                                                               \
		__asm__ volatile("mov %%" #name ", %0" : "=rm"(s_));                       \
		s_;                                                                        \
	})

static uint64_t read_fs_base(void)
{
	uint64_t base;

	if (!cpu_has(FEATURE_FSGSBASE))
		return rdmsr(MSR_FS_BASE);
	__asm__ volatile("rdfsbase %0" : "=r"(base));
	return base;
}

static void write_fs_base(uint64_t base)
{
	if (cpu_has(FEATURE_FSGSBASE))
		__asm__ volatile("wrfsbase %0" ::"r"(base));
	else
		wrmsr(MSR_FS_BASE, base);
}

static uint64_t read_inactive_gs_base(void)
{
	uint64_t base;

	if (!cpu_has(FEATURE_FSGSBASE))
		return rdmsr(MSR_KERNEL_GS_BASE);
	__asm__ volatile("swapgs; rdgsbase %0; swapgs" : "=r"(base));
	return base;
}

static void write_inactive_gs_base(uint64_t base)
{
	if (cpu_has(FEATURE_FSGSBASE))
		__asm__ volatile("swapgs; wrgsbase %0; swapgs" ::"r"(base));
	else
		wrmsr(MSR_KERNEL_GS_BASE, base);
}

void segments_save(struct thread_segments *seg)
{
	seg->fs = READ_SELECTOR(fs);
	seg->gs = READ_SELECTOR(gs);
	seg->ds = READ_SELECTOR(ds);
	seg->es = READ_SELECTOR(es);
	seg->fs_base = read_fs_base();
	seg->gs_base = read_inactive_gs_base();
}

/*
 * An interrupt from user mode leaves SS null.  SYSRET on AMD CPUs loads the selector but not the hidden
 * attributes (APM vol. 3, SYSRET): with SS null here, the next thread's stack segment would be unusable in
 * 32-bit code (R6.17).
 */
static void make_ss_usable(void)
{
	if (READ_SELECTOR(ss) != KERNEL_DS)
		__asm__ volatile("mov %0, %%ss" ::"r"(KERNEL_DS));
}

/* A selector that is and stays 0 needs no load: its base is written in any case (R3.16). */
void segments_load(const struct thread_segments *seg)
{
	uint64_t *gdt_tls = &cpu_gdt(this_cpu(cpu))[GDT_TLS];
	uint16_t fs = READ_SELECTOR(fs), gs = READ_SELECTOR(gs);

	make_ss_usable();
	for (unsigned i = 0; i < GDT_TLS_COUNT; i++)
		gdt_tls[i] = seg->tls[i];
	if (seg->es | READ_SELECTOR(es))
		load_es_index(seg->es);
	if (seg->ds | READ_SELECTOR(ds))
		load_ds_index(seg->ds);
	if (fs | seg->fs)
		load_fs_index(seg->fs);
	if (gs | seg->gs)
		load_gs_index(seg->gs);
	write_fs_base(seg->fs_base);
	write_inactive_gs_base(seg->gs_base);
}

/* SPDX-License-Identifier: MIT */
/* Kernel tests of the doors: tristate, NMI, breakpoints, selector loads, the SYSRET decision. */
#include "kernel/cpu/apic.h"
#include "kernel/cpu/clock.h"
#include "kernel/cpu/cpu_area.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/exit.h"
#include "kernel/cpu/vsyscall.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/ktest.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/paging.h"
#include "kernel/mm/tlb.h"
#include "sched/sched.h"
#include "sched/segments.h"

/* Waits until counter reaches target, 10 s at most: the host may keep a CPU waiting. */
static void wait_for(const uint64_t *counter, uint64_t target)
{
	uint64_t end = clock_monotonic_ns() + 10000000000;

	while (READ_ONCE(*counter) < target && clock_monotonic_ns() < end)
		cpu_relax();
}

/* Each NMI to this CPU runs the handler once and leaves GS alone (GS-3). */
KTEST(nmi_to_self)
{
	struct percpu *pc = this_percpu();
	uint64_t before = pc->nmi_count;

	for (unsigned i = 1; i <= 10; i++) {
		ipi_send_nmi(pc->cpu);
		wait_for(&pc->nmi_count, before + i);
	}
	KTEST_EQ(pc->nmi_count - before, 10);
	KTEST_EQ((uintptr_t)this_percpu(), (uintptr_t)pc);
}

/* R1.8: an NMI is handled on every CPU, idle ones included. */
KTEST(nmi_to_every_cpu)
{
	for_each_cpu (c) {
		uint64_t before = READ_ONCE(percpu_table[c].nmi_count);

		if (!percpu_table[c].online)
			continue;
		ipi_send_nmi(c);
		wait_for(&percpu_table[c].nmi_count, before + 1);
		KTEST_EQ(READ_ONCE(percpu_table[c].nmi_count), before + 1);
	}
}

static __noinline void breakpoint_target(void)
{
	__asm__ volatile("nop");
}

/* #DB from the kernel: once for each arrival (RF), with DR7 restored. */
KTEST(execute_breakpoint_in_kernel)
{
	uint64_t flags = irq_save(), before = this_cpu(db_count);

	write_dr0((uintptr_t)breakpoint_target);
	write_dr7(DR7_EXECUTE_DR0);
	breakpoint_target();
	breakpoint_target();
	KTEST_EQ(this_cpu(db_count) - before, 2);
	KTEST_EQ(read_dr7() & 0xff, DR7_EXECUTE_DR0 & 0xff);
	write_dr7(0);
	irq_restore(flags);
}

/* Spec 2.5: a step of the kernel and INT1 go on without TF and are counted; a breakpoint is not. */
KTEST(stray_debug_exceptions)
{
	struct percpu *pc = this_percpu();
	uint64_t flags = irq_save(), before = pc->db_stray;

	__asm__ volatile("pushfq; orl %0, (%%rsp); popfq; nop" ::"i"(X86_TF) : "memory", "cc");
	KTEST_EQ(read_flags() & X86_TF, 0);
	KTEST_EQ(pc->db_stray - before, 1);
	__asm__ volatile("int $1" ::: "memory");
	KTEST_EQ(pc->db_stray - before, 2);
	write_dr0((uintptr_t)breakpoint_target);
	write_dr7(DR7_EXECUTE_DR0);
	breakpoint_target();
	write_dr7(0);
	KTEST_EQ(pc->db_stray - before, 2);
	irq_restore(flags);
}

/*
 * The gap: a #DB on the first instruction of load_gs_index's window finds the user's GS live, and
 * restores it.
 */
KTEST(breakpoint_while_user_gs_is_live)
{
	extern const char gs_load_site[];
	struct percpu *pc = this_percpu();
	uint64_t flags = irq_save(), before = pc->db_count;

	write_dr0((uintptr_t)gs_load_site);
	write_dr7(DR7_EXECUTE_DR0);
	load_gs_index(0);
	write_dr7(0);
	KTEST_EQ(pc->db_count - before, 1);
	KTEST_EQ((uintptr_t)this_percpu(), (uintptr_t)pc);
	irq_restore(flags);
}

/* R2.13: a selector whose descriptor is gone loads as null; the kernel's GS survives the fix-up. */
KTEST(load_of_missing_descriptors)
{
	struct percpu *pc = this_percpu();
	const uint16_t selector = GDT_TLS << 3 | 3;
	const struct thread_segments gone = { .fs = selector, .gs = selector, .ds = selector,
					      .es = selector };
	struct thread_segments found;
	uint64_t flags = irq_save();

	cpu_gdt(pc->cpu)[GDT_TLS] = 0;
	load_user_segments(&gone);
	KTEST_EQ((uintptr_t)this_percpu(), (uintptr_t)pc);
	STORE_SELECTOR(fs, found.fs);
	STORE_SELECTOR(gs, found.gs);
	STORE_SELECTOR(ds, found.ds);
	STORE_SELECTOR(es, found.es);
	irq_restore(flags);
	KTEST_EQ(found.selectors, 0);
}

/*
 * R6.17: the next thread finds a usable SS, whatever an interrupt left.  (A null SS is allowed in
 * 64-bit ring 0.) TCG's SYSRET sets the attributes itself, so the effect cannot be seen there, only
 * the cause.
 */
KTEST(ss_is_usable_after_a_switch)
{
	struct thread_segments seg = { .tls = { 0 } };
	uint64_t flags;
	uint16_t ss;

	if (!cpu_has(FEATURE_SYSRET_KEEPS_SS))
		KTEST_SKIP("SYSRET of this CPU loads all of SS");
	flags = irq_save();
	segments_save(&seg);
	__asm__ volatile("mov %0, %%ss" ::"r"(0));
	segments_load(&seg);
	__asm__ volatile("mov %%ss, %0" : "=r"(ss));
	irq_restore(flags);
	KTEST_EQ(ss, KERNEL_DS);
}

/* R6.18: each violated condition of spec 6.9 alone leads to IRET. */
KTEST(sysret_decision_table)
{
	const struct pt_regs good = { .rcx = 0x401000, .rip = 0x401000, .r11 = 0x202,
				      .rflags = 0x202, .cs = USER_CS, .ss = USER_DS };
	struct pt_regs r = good;

	KTEST_EQ(sysret_decision(&good), EXIT_SYSRETQ);
	r.rcx++;
	KTEST_EQ(sysret_decision(&r), EXIT_IRET_RCX);
	r = good, r.r11 ^= X86_ZF;
	KTEST_EQ(sysret_decision(&r), EXIT_IRET_R11);
	r = good, r.rip = r.rcx = 1ull << 47;
	KTEST_EQ(sysret_decision(&r), EXIT_IRET_NONCANONICAL);
	r = good, r.rip = r.rcx = TASK_SIZE_MAX;
	KTEST_EQ(sysret_decision(&r), EXIT_IRET_NONCANONICAL);
	r = good, r.rip = r.rcx = TASK_SIZE_MAX - 1;
	KTEST_EQ(sysret_decision(&r), EXIT_SYSRETQ);
	r = good, r.rip = r.rcx = 0xffffffff80200000;
	KTEST_EQ(sysret_decision(&r), EXIT_IRET_NONCANONICAL);
	r = good, r.cs = USER32_CS;
	KTEST_EQ(sysret_decision(&r), EXIT_IRET_SELECTOR);
	r = good, r.ss = 0;
	KTEST_EQ(sysret_decision(&r), EXIT_IRET_SELECTOR);
	r.ss = 0 << 3 | SELECTOR_TI | 3;	/* by entry/espfix.asm */
	KTEST_EQ(sysret_decision(&r), EXIT_IRET_SELECTOR);
	r = good, r.rflags = r.r11 = 0x202 | X86_TF;
	KTEST_EQ(sysret_decision(&r), EXIT_IRET_FLAGS);
	r = good, r.rflags = r.r11 = 0x202 | X86_RF;
	KTEST_EQ(sysret_decision(&r), EXIT_IRET_FLAGS);
}

/* R6.18 for the fast 32-bit doors. */
KTEST(sysretl_decision_table)
{
	const struct pt_regs good = { .rip = 0xf7ffd010, .rflags = 0x202, .cs = USER32_CS,
				      .ss = USER_DS };
	struct pt_regs r = good;

	KTEST_EQ(sysretl_decision(&good, good.rip), EXIT_SYSRETL);
	KTEST_EQ(sysretl_decision(&good, good.rip - 2), EXIT_IRET32_PAD);
	r.rip |= 1ull << 32;
	KTEST_EQ(sysretl_decision(&r, good.rip), EXIT_IRET32_PAD);
	r = good, r.cs = USER_CS;
	KTEST_EQ(sysretl_decision(&r, good.rip), EXIT_IRET32_SELECTOR);
	r = good, r.ss = 0;
	KTEST_EQ(sysretl_decision(&r, good.rip), EXIT_IRET32_SELECTOR);
	r = good, r.rflags |= X86_TF;
	KTEST_EQ(sysretl_decision(&r, good.rip), EXIT_IRET32_FLAGS);
	r = good, r.rflags |= X86_RF;
	KTEST_EQ(sysretl_decision(&r, good.rip), EXIT_IRET32_FLAGS);
}

/* R6.3 */
KTEST(vsyscall_follows_the_vendor)
{
	KTEST_EQ(vsyscall_of_vendor("GenuineIntel"), VSYSCALL_SYSENTER);
	KTEST_EQ(vsyscall_of_vendor("CentaurHauls"), VSYSCALL_SYSENTER);
	KTEST_EQ(vsyscall_of_vendor("  Shanghai  "), VSYSCALL_SYSENTER);
	KTEST_EQ(vsyscall_of_vendor("AuthenticAMD"), VSYSCALL_SYSCALL);
	KTEST_EQ(vsyscall_of_vendor("HygonGenuine"), VSYSCALL_SYSCALL);
	KTEST_EQ(vsyscall_of_vendor("SomebodyElse"), VSYSCALL_INT80);
}

/* R2.1, R2.2: size, alignment, GS word and magic of every IST stack of every CPU. */
KTEST(ist_stacks)
{
	for_each_cpu (c) {
		for (unsigned i = 1; i <= IST_COUNT; i++) {
			const uint64_t *bottom = (const uint64_t *)ist_bottom(c, i);

			KTEST_EQ((uintptr_t)bottom % IST_SIZE, 0);
			KTEST_EQ(bottom[0], (uintptr_t)&percpu_table[c]);
			KTEST_EQ(bottom[1], IST_MAGIC);
		}
	}
}

/* RET-3: each alias of a CPU's page leads to that page, and nothing can be pushed there. */
KTEST(espfix_aliases)
{
	KTEST_EQ(percpu_table[1].espfix_words == percpu_table[0].espfix_words, false);
	for_each_cpu (c) {
		const struct percpu *pc = &percpu_table[c];

		for (uint64_t high = 0; pc->online && high < 1ull << 32; high += 0x7ff0000) {
			const pte_t *pte = paging_lookup(kernel_pml4, pc->espfix_alias | high);
			pte_t leaf = pte ? *pte : 0;

			KTEST_EQ(leaf & (PTE_P | PTE_W | PTE_U | PTE_NX), PTE_P | PTE_NX);
			KTEST_EQ((leaf & PTE_FRAME) + pc->espfix_alias % PAGE_SIZE,
				 virt_to_phys((void *)pc->espfix_words));
		}
	}
}

/*
 * R1.7: a pinned bit that a write would change, FSGSBASE in either mode, is put back, and the
 * repair is counted.  (The wrong value never reaches CR4, so CPUs that lack a bit do not mind.)
 */
KTEST(cr4_pinning)
{
	static const uint64_t pinned[] = { CR4_FSGSBASE, CR4_SMEP, CR4_SMAP, CR4_UMIP };
	uint64_t cr4 = read_cr4(), before = cr4_pin_repairs;

	for (unsigned i = 0; i < ARRAY_SIZE(pinned); i++) {
		cr4_write_pinned(cr4 ^ pinned[i]);
		KTEST_EQ(read_cr4(), cr4);
		write_cr4(cr4);
	}
	KTEST_EQ(cr4_pin_repairs - before, ARRAY_SIZE(pinned));
}

/* R1.7: a bit that went behind the kernel's back does not survive the kernel's own next write. */
KTEST(cr4_repair_by_tlb_flush)
{
	uint64_t cr4 = read_cr4();

	if (!cpu_has(FEATURE_SMEP) || !cpu_has(FEATURE_PGE))
		KTEST_SKIP("needs SMEP and PGE");
	write_cr4(cr4 & ~CR4_SMEP);
	tlb_flush_kernel(CPU_AREA_BASE, CPU_AREA_BASE + GIB(1));
	KTEST_EQ(read_cr4(), cr4);
	write_cr4(cr4);
}

/* R2.29, IA32_MC0_CTL: what depends on family and model gets them right. */
KTEST(cpu_family_and_model)
{
	static const struct { uint32_t signature; unsigned family, model; } cpus[] = {
		{ 0x000006f6, 0x06, 0x0f },	/* Core 2 */
		{ 0x000106a5, 0x06, 0x1a },	/* Nehalem */
		{ 0x00000f4a, 0x0f, 0x04 },	/* Prescott, K8 */
		{ 0x00100f42, 0x10, 0x04 },	/* Phenom II */
		{ 0x00200f31, 0x11, 0x03 },	/* Turion X2 Ultra */
		{ 0x00800f11, 0x17, 0x01 },	/* Zen */
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cpus); i++) {
		KTEST_EQ(cpu_family(cpus[i].signature), cpus[i].family);
		KTEST_EQ(cpu_model(cpus[i].signature), cpus[i].model);
	}
}

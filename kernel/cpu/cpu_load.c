/* SPDX-License-Identifier: MIT */
/*
 * A CPU puts on its own descriptor tables and system registers, in the one order that is safe.
 *
 * An NMI or #MC can come at any instruction once an IDT is live.  The paranoid entry
 * then relies on the IST stacks with their GS word, on the GDT with the CPU-number segment,
 * on the kernel GS base and, after alternatives, on CR4.FSGSBASE.  So all of these come first
 * and the IDT comes last (R1.8, R1.9); Linux had it wrong on APs until 2026.
 */
#include "kernel/cpu/cpu_area.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/idt.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/vsyscall.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/mm/layout.h"

/* CF PF AF ZF SF TF IF DF OF IOPL NT RF AC ID (spec 12.1). */
#define SYSCALL_FMASK 0x257fd5

extern const uint8_t entry_SYSCALL_64[], entry_SYSCALL_compat[], entry_SYSENTER[];

struct __packed table_pointer {
	uint16_t limit;
	uint64_t base;
};

static void load_gdt(const void *base)
{
	struct table_pointer p = { GDT_ENTRIES * sizeof(uint64_t) - 1, (uintptr_t)base };

	__asm__ volatile("lgdt %0" ::"m"(p));
}

/* The same selectors may have held other descriptors in the boot code's GDT. */
static void load_segments(void)
{
	uint64_t scratch;

	__asm__ volatile("pushq %1\n\t"
			 "leaq 1f(%%rip), %0\n\t"
			 "pushq %0\n\t"
			 "lretq\n"
			 "1:\tmovl %2, %%ss\n\t"
			 "movl %3, %%ds\n\t"
			 "movl %3, %%es\n\t"
			 "movl %3, %%fs\n\t"
			 "movl %3, %%gs"
			 : "=&r"(scratch)
			 : "i"(KERNEL_CS), "r"(KERNEL_DS), "r"(0)
			 : "memory");
}

/* After the selectors: loading GS zeroes its base. */
static void load_bases(struct percpu *pc)
{
	wrmsr(MSR_FS_BASE, 0);
	wrmsr(MSR_GS_BASE, (uintptr_t)pc);
	wrmsr(MSR_KERNEL_GS_BASE, 0);	/* what user mode will start with */
	if (cpu_has(FEATURE_RDTSCP))
		wrmsr(MSR_TSC_AUX, pc->cpu);	/* RDTSCP in user mode: node << 12 | cpu */
	percpu_ready = true;
}

/*
 * SYSENTER_CS = 0 makes SYSENTER #GP in user mode, which is right wherever programs have no use for
 * it; a stale value of the firmware must not open the door.  The stack is entry/syscall32.asm's
 * concern.
 */
static void load_sysenter_msrs(const struct percpu *pc)
{
	enum vsyscall chosen = vsyscall_chosen();
	bool open = chosen == VSYSCALL_SYSENTER ||
		    (chosen != VSYSCALL_NONE && cpu_info.vendor == VENDOR_INTEL);

	wrmsr(MSR_SYSENTER_CS, open ? KERNEL_CS : 0);
	wrmsr(MSR_SYSENTER_ESP, open ? pc->tss->ist[IST_DF - 1] : 0);
	wrmsr(MSR_SYSENTER_EIP, open ? (uintptr_t)entry_SYSENTER : 0);
}

/*
 * CSTAR needs a good handler even on Intel, where 32-bit SYSCALL is #UD: QEMU takes it
 * all the same (spec 10.6).
 */
static void load_syscall_msrs(const struct percpu *pc)
{
	wrmsr(MSR_STAR, (uint64_t)USER32_CS << 48 | (uint64_t)KERNEL_CS << 32);
	wrmsr(MSR_LSTAR, (uintptr_t)entry_SYSCALL_64);
	wrmsr(MSR_CSTAR, (uintptr_t)entry_SYSCALL_compat);
	wrmsr(MSR_FMASK, SYSCALL_FMASK);
	load_sysenter_msrs(pc);
}

static uint16_t task_register(void)
{
	uint16_t sel;

	__asm__ volatile("str %0" : "=r"(sel));
	return sel;
}

/* CPU-1: what the doors rely on holds on this CPU before its IDT is live. */
static void assert_ready_for_idt(const struct percpu *pc)
{
	struct table_pointer gdt;

	__asm__ volatile("sgdt %0" : "=m"(gdt));
	ASSERT(gdt.base == CPU_AREA_BASE + pc->cpu * CPU_AREA_STRIDE, "CPU-1");
	ASSERT(task_register() == TSS_SEL, "CPU-1");
	ASSERT(rdmsr(MSR_GS_BASE) == (uintptr_t)pc && this_percpu() == pc, "GS-1");
	ASSERT(!(read_cr4() & CR4_FSGSBASE) == !cpu_has(FEATURE_FSGSBASE), "CPU-1");
	ASSERT(!irqs_on(), "CPU-1");
	/* GS word, magic, and the CPU number by LSL; rsp as if 40 bytes had been pushed. */
	for (unsigned ist = 1; ist <= IST_COUNT; ist++) {
		ASSERT(pc->tss->ist[ist - 1] == ist_bottom(pc->cpu, ist) + IST_SIZE, "IST-1");
		ist_check(pc->tss->ist[ist - 1] - 40, ist);
	}
}

#ifdef CONFIG_DEBUG
/*
 * R1.8: the paranoid entry works from the first instruction behind LIDT.  INT1 is the event on an
 * IST stack that needs nobody to send it.
 */
static void knock_at_paranoid_door(struct percpu *pc)
{
	__asm__ volatile("int $1" ::: "memory");
	ASSERT(READ_ONCE(pc->db_stray) == 1 && this_percpu() == pc, "CPU-1");
	pc->db_stray = 0;	/* this one is explained */
}
#endif

void cpu_area_load(struct percpu *pc)
{
	/* LTR marks the descriptor busy, which the window's read-only GDT would not let it do. */
	load_gdt(cpu_gdt(pc->cpu));
	load_segments();
	load_bases(pc);
	__asm__ volatile("ltr %w0" ::"r"(TSS_SEL) : "memory");
	load_gdt((const void *)(CPU_AREA_BASE + pc->cpu * CPU_AREA_STRIDE));
	__asm__ volatile("lldt %w0" ::"r"(0) : "memory");
	cpu_features_enable();
	load_syscall_msrs(pc);
	assert_ready_for_idt(pc);
	if (pc->cpu == 0)
		idt_init();
	else
		idt_load();
#ifdef CONFIG_DEBUG
	knock_at_paranoid_door(pc);
#endif
}

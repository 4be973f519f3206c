/* SPDX-License-Identifier: MIT */
/* The control registers, EFER, PAT, XCR0 and machine-check banks of one CPU, all from cpu_info. */
#include "kernel/cpu/features.h"
#include "kernel/cpu/machine_check.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/print.h"

/*
 * The power-on value (SDM vol. 3, 12.12.4) is WB, WT, UC-, UC, twice.  WC takes WT's place, which
 * nobody uses: single uncached writes make a large screen crawl.
 */
#define PAT_WB_WC_UC 0x0007010600070106ull
#define MXCSR_DEFAULT 0x1f80u
#define MCG_CAP_COUNT 0xffu
#define MC_BANKS_MAX 32u	/* those with MSRs from 0x400 on; then come VMX's (SDM vol. 4) */
#define MCG_CAP_HAS_CTL (1u << 8)

/* CR-1.  Code that flips one of these behind the kernel's back opens a root hole (spec 1.4). */
#define CR4_PINNED (CR4_FSGSBASE | CR4_SMEP | CR4_SMAP | CR4_UMIP)

uint64_t cr4_pin_repairs;

static uint64_t bit_if(unsigned feature, uint64_t bit)
{
	return cpu_has(feature) ? bit : 0;
}

/* Never a bit that CPUID does not name: TCG hangs on those instead of #GP (spec 10.3). */
static uint64_t cr4_wanted(void)
{
	return CR4_PAE | CR4_DE | CR4_OSFXSR | CR4_OSXMMEXCPT | bit_if(FEATURE_PGE, CR4_PGE) |
	       bit_if(FEATURE_MCE, CR4_MCE) | bit_if(FEATURE_XSAVE, CR4_OSXSAVE) |
	       bit_if(FEATURE_FSGSBASE, CR4_FSGSBASE) | bit_if(FEATURE_SMEP, CR4_SMEP) |
	       bit_if(FEATURE_SMAP, CR4_SMAP) | bit_if(FEATURE_UMIP, CR4_UMIP);
}

void cr4_write_pinned(uint64_t value)
{
	uint64_t wrong = (value ^ cr4_wanted()) & CR4_PINNED;

	write_cr4(value ^ wrong);
	if (!wrong)
		return;
	__atomic_fetch_add(&cr4_pin_repairs, 1, __ATOMIC_RELAXED);
	printk("cpu: pinned CR4 bits %llx were about to change, repaired\n",
	       (unsigned long long)wrong);
}

#ifdef CONFIG_DEBUG
/* Without SCE, SYSRET would be #UD in ring 0 on the user's stack (spec 8.1). */
void control_regs_check(void)
{
	ASSERT(((read_cr4() ^ cr4_wanted()) & CR4_PINNED) == 0, "CR-1");
	ASSERT(read_cr0() & CR0_WP, "CR-1");
	ASSERT(rdmsr(MSR_EFER) & EFER_SCE, "CR-1");
}
#endif

unsigned machine_check_banks(void)
{
	if (!cpu_has(FEATURE_MCA))
		return 0;
	return MIN((uint32_t)rdmsr(MSR_MCG_CAP) & MCG_CAP_COUNT, MC_BANKS_MAX);
}

/*
 * What a bank holds at the start is of an earlier system: fatal reports outlive a warm reset.  It
 * is told, and taken away, or the next #MC, be it harmless, would be held for that one (SDM vol. 3,
 * 16.8).
 */
static void clear_machine_check_bank(unsigned bank)
{
	uint64_t status = rdmsr(MSR_MC0_STATUS + 4 * bank);

	if (!(status & MC_VALID))
		return;
	printk("machine check: bank %u of CPU %u held status %016llx at the start\n", bank,
	       this_cpu(cpu), (unsigned long long)status);
	wrmsr(MSR_MC0_STATUS + 4 * bank, 0);
}

/* On Intel's family 6 before model 1Ah it is the platform's (SDM vol. 3, 16.3.2.1). */
static bool mc0_ctl_is_bios(void)
{
	uint32_t signature = cpuid(1, 0).eax;

	return cpu_info.vendor == VENDOR_INTEL && cpu_family(signature) == 6 &&
	       cpu_model(signature) < 0x1a;
}

/*
 * Every bank reports every error; without this, an injected #MC shuts the machine down.  Before
 * CR4.MCE.
 */
static void enable_machine_check_banks(void)
{
	uint64_t cap = rdmsr(MSR_MCG_CAP);

	if (cap & MCG_CAP_HAS_CTL)
		wrmsr(MSR_MCG_CTL, ~0ull);
	for (unsigned bank = 0; bank < machine_check_banks(); bank++) {
		if (bank > 0 || !mc0_ctl_is_bios())
			wrmsr(MSR_MC0_CTL + 4 * bank, ~0ull);
		clear_machine_check_bank(bank);
	}
}

static void enable_xstate(void)
{
	uint32_t mxcsr = MXCSR_DEFAULT;

	if (cpu_has(FEATURE_XSAVE)) {
		__asm__ volatile("xsetbv" ::"c"(0), "a"((uint32_t)cpu_info.xcr0),
				 "d"((uint32_t)(cpu_info.xcr0 >> 32)));
		/* The leaf follows XCR0, so this compares the CPUs and our sum of the parts. */
		ASSERT(cpuid(0xd, 0).ebx == cpu_info.xsave_size, "XSTATE-2");
	}
	__asm__ volatile("fninit; ldmxcsr %0" ::"m"(mxcsr));
}

/*
 * What the loader left armed would come to the kernel's doors: nothing in here sets a breakpoint.
 * Intel and AMD have DEBUGCTL since the first CPUs with long mode (SDM vol. 4, APM vol. 2); not every
 * hypervisor does, and a guest begins without.
 */
static void clear_debug_registers(void)
{
	write_dr7(DR7_NONE);
	write_dr6(DR6_CLEAR);
	if (cpu_info.vendor != VENDOR_OTHER && !cpu_has(FEATURE_HYPERVISOR))
		wrmsr(MSR_DEBUGCTL, 0);
}

void cpu_features_enable(void)
{
	clear_debug_registers();
	if (cpu_has(FEATURE_LFENCE_BY_MSR))
		wrmsr(MSR_AMD_DE_CFG, rdmsr(MSR_AMD_DE_CFG) | DE_CFG_LFENCE_SERIALISES);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE | bit_if(FEATURE_NX, EFER_NXE));
	wrmsr(MSR_PAT, PAT_WB_WC_UC);
	/* TS and EM off for good: extended state is switched eagerly, #NM never happens. */
	write_cr0(CR0_PG | CR0_AM | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE);
	if (cpu_has(FEATURE_MCA))
		enable_machine_check_banks();
	write_cr4(cr4_wanted());
	if (cpu_has(FEATURE_SMAP))
		__asm__ volatile("clac" ::: "memory");
	enable_xstate();
}

/* SPDX-License-Identifier: MIT */
/*
 * CPU features: read from CPUID once on the boot CPU, minus what the command line
 * switches off.  Never probed by #GP: TCG does not fault on unknown MSRs and hangs
 * on unknown CR4 bits (spec 10.2, 10.3).  The numbers are also the alternatives' keys.
 */
#pragma once

#include "kernel/lib/compiler.h"

/* Plain defines, because NASM sources see them through build/offsets.inc. */
#define FEATURE_ALWAYS     0
#define FEATURE_FSGSBASE   1
#define FEATURE_SMEP       2
#define FEATURE_SMAP       3
#define FEATURE_UMIP       4
#define FEATURE_NX         5
#define FEATURE_PGE        6
#define FEATURE_XSAVE      7
#define FEATURE_XSAVEOPT   8
#define FEATURE_XSAVEC     9
#define FEATURE_GIB_PAGES  10
#define FEATURE_X2APIC     11
#define FEATURE_RDTSCP     12
#define FEATURE_MCE        13
#define FEATURE_MCA        14
#define FEATURE_ERMS       15
#define FEATURE_SYSCALL    16
#define FEATURE_HYPERVISOR 17
#define FEATURE_TCG        18	/* hypervisor leaf says "TCGTCGTCGTCG" */
#define FEATURE_TSC_DEADLINE 19
#define FEATURE_NULL_SEG_KEEPS_BASE 20	/* measured, see R1.12 */
#define FEATURE_FENCE_SWAPGS 21	/* LFENCE after a predicted SWAPGS (spec 2.12) */
#define FEATURE_SYSRET_KEEPS_SS 22	/* SYSRET leaves the hidden part of SS as it is: AMD */
#define FEATURE_NMI_EARLY 23	/* test kernels: boot option nmi=early (entry/nmi.asm) */
#define FEATURE_LFENCE_BY_MSR 24	/* LFENCE serialises only once MSR C001_1029 says so: AMD */
#define FEATURE_FPU_POINTERS_STAY 25	/* FXRSTOR and XRSTOR may leave FIP, FDP, FOP: AMD */
#define FEATURE_COUNT      26

/* Components of XCR0 (SDM vol. 1, 13.1). */
#define XCR0_X87    (1ull << 0)
#define XCR0_SSE    (1ull << 1)
#define XCR0_AVX    (1ull << 2)
#define XCR0_AVX512 (7ull << 5)	/* opmask, upper halves of ZMM0-15, ZMM16-31 */

enum cpu_vendor { VENDOR_INTEL, VENDOR_AMD, VENDOR_OTHER };

struct cpu_info {
	enum cpu_vendor vendor;
	char vendor_name[13];
	char brand[49];
	uint32_t hwcap;			/* CPUID.1:EDX, for AT_HWCAP */
	unsigned phys_bits, virt_bits;
	uint64_t xcr0;			/* components that the kernel enables */
	unsigned xsave_size;		/* bytes for them, standard format; 512 with FXSAVE only */
	bool has[FEATURE_COUNT];
};

extern struct cpu_info cpu_info;

/* Of CPUID.1:EAX (SDM vol. 2, CPUID, figure 3-6). */
static inline unsigned cpu_family(uint32_t signature)
{
	unsigned base = signature >> 8 & 0xf;

	return base == 0xf ? base + (signature >> 20 & 0xff) : base;
}

static inline unsigned cpu_model(uint32_t signature)
{
	return (signature >> 4 & 0xf) | (signature >> 12 & 0xf0);
}

static inline bool cpu_has(unsigned feature)
{
	return cpu_info.has[feature];
}

/* Boot CPU, once, after the command line is parsed.  fatal() if it lacks what we need. */
void cpu_features_init(void);
/* Its name as in Linux's /proc/cpuinfo; NULL for the features that CPUID does not name. */
const char *cpu_feature_name(unsigned feature);
/*
 * Every CPU, before its IDT goes live (R1.8): EFER, CR0, CR4, XCR0, PAT as cpu_info says; no
 * breakpoint.
 */
void cpu_features_enable(void);
/* Banks with MSRs from MSR_MC0_CTL on; 0 without the architecture. */
unsigned machine_check_banks(void);
/*
 * CR4 of this CPU through the pinned mask (R1.7): FSGSBASE, SMEP, SMAP and UMIP stay as the boot
 * set them; a write that changes one is repaired, reported and counted.  All writes after the boot
 * go through it.
 */
void cr4_write_pinned(uint64_t value);
extern uint64_t cr4_pin_repairs;
#ifdef CONFIG_DEBUG
/* Panics if one of them, CR0.WP or EFER.SCE has changed behind the kernel's back (CR-1). */
void control_regs_check(void);
#endif

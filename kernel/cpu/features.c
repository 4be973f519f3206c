/* SPDX-License-Identifier: MIT */
/* What this machine's CPU can do: CPUID, and the one thing that CPUID does not tell. */
#include "kernel/cpu/features.h"

#include "boot/cmdline.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/string.h"

struct cpu_info cpu_info;

enum cpuid_register { EAX, EBX, ECX, EDX };

struct cpuid_bit {
	uint32_t leaf, subleaf;
	enum cpuid_register reg;
	unsigned bit;
	const char *name;
};

/* SDM vol. 2, CPUID; names as in Linux's /proc/cpuinfo. */
static const struct cpuid_bit feature_bits[FEATURE_COUNT] = {
	[FEATURE_FSGSBASE] = { 7, 0, EBX, 0, "fsgsbase" },
	[FEATURE_SMEP] = { 7, 0, EBX, 7, "smep" },
	[FEATURE_SMAP] = { 7, 0, EBX, 20, "smap" },
	[FEATURE_UMIP] = { 7, 0, ECX, 2, "umip" },
	[FEATURE_NX] = { 0x80000001, 0, EDX, 20, "nx" },
	[FEATURE_PGE] = { 1, 0, EDX, 13, "pge" },
	[FEATURE_XSAVE] = { 1, 0, ECX, 26, "xsave" },
	[FEATURE_XSAVEOPT] = { 0xd, 1, EAX, 0, "xsaveopt" },
	[FEATURE_XSAVEC] = { 0xd, 1, EAX, 1, "xsavec" },
	[FEATURE_GIB_PAGES] = { 0x80000001, 0, EDX, 26, "pdpe1gb" },
	[FEATURE_X2APIC] = { 1, 0, ECX, 21, "x2apic" },
	[FEATURE_RDTSCP] = { 0x80000001, 0, EDX, 27, "rdtscp" },
	[FEATURE_MCE] = { 1, 0, EDX, 7, "mce" },
	[FEATURE_MCA] = { 1, 0, EDX, 14, "mca" },
	[FEATURE_ERMS] = { 7, 0, EBX, 9, "erms" },
	[FEATURE_SYSCALL] = { 0x80000001, 0, EDX, 11, "syscall" },
	[FEATURE_HYPERVISOR] = { 1, 0, ECX, 31, "hypervisor" },
	[FEATURE_TSC_DEADLINE] = { 1, 0, ECX, 24, "tsc_deadline_timer" },
};

/* Not optional: without one of these the kernel, or programs for x86-64, cannot run. */
static const struct cpuid_bit required[] = {
	{ 1, 0, EDX, 0, "x87 FPU" },
	{ 1, 0, EDX, 4, "TSC" },
	{ 1, 0, EDX, 5, "MSRs" },
	{ 1, 0, EDX, 6, "PAE" },
	{ 1, 0, EDX, 8, "CMPXCHG8B" },
	{ 1, 0, EDX, 15, "CMOV" },
	{ 1, 0, EDX, 16, "PAT" },
	{ 1, 0, EDX, 24, "FXSAVE" },
	{ 1, 0, EDX, 26, "SSE2" },
	{ 0x80000001, 0, EDX, 11, "SYSCALL" },
	{ 0x80000001, 0, EDX, 29, "long mode" },
	{ 1, 0, EDX, 9, "a local APIC (or firmware has switched it off)" },
};

static bool leaf_exists(uint32_t leaf)
{
	return leaf <= cpuid(leaf & 0x80000000, 0).eax;
}

static bool has_bit(const struct cpuid_bit *b)
{
	struct cpuid_regs r;

	if (!leaf_exists(b->leaf))
		return false;
	r = cpuid(b->leaf, b->subleaf);
	return ((const uint32_t[]){ r.eax, r.ebx, r.ecx, r.edx })[b->reg] >> b->bit & 1;
}

static void check_required(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(required); i++)
		if (!has_bit(&required[i]))
			fatal("cpu: this CPU lacks %s, which the kernel needs", required[i].name);
}

static void read_names(void)
{
	struct cpuid_regs r = cpuid(0, 0);

	memcpy(cpu_info.vendor_name, (const uint32_t[]){ r.ebx, r.edx, r.ecx }, 12);
	if (!strcmp(cpu_info.vendor_name, "GenuineIntel"))
		cpu_info.vendor = VENDOR_INTEL;
	else if (!strcmp(cpu_info.vendor_name, "AuthenticAMD"))
		cpu_info.vendor = VENDOR_AMD;
	else
		cpu_info.vendor = VENDOR_OTHER;
	for (unsigned i = 0; i < 3 && leaf_exists(0x80000004); i++) {
		r = cpuid(0x80000002 + i, 0);
		memcpy(cpu_info.brand + 16 * i, &r, 16);
	}
}

static void read_address_sizes(void)
{
	uint32_t sizes = leaf_exists(0x80000008) ? cpuid(0x80000008, 0).eax : 0x3024;

	cpu_info.phys_bits = sizes & 0xff;
	cpu_info.virt_bits = sizes >> 8 & 0xff;
}

/*
 * x87 and SSE always; AVX and AVX-512 (whose three parts only go together) where the CPU has
 * them.  Not MPX, which no system uses any more; not PKRU, which means nothing
 * without CR4.PKE; not AMX, whose 8 KiB every thread would pay for.
 */
static void choose_xstate(void)
{
	uint64_t supported;

	cpu_info.xcr0 = XCR0_X87 | XCR0_SSE;
	cpu_info.xsave_size = 512;
	if (!cpu_has(FEATURE_XSAVE)) {
		/* A hypervisor may hide XSAVE and forget leaf 0xd. */
		cpu_info.has[FEATURE_XSAVEOPT] = cpu_info.has[FEATURE_XSAVEC] = false;
		return;
	}
	supported = cpuid(0xd, 0).eax;
	if (supported & XCR0_AVX)
		cpu_info.xcr0 |= XCR0_AVX;
	if ((supported & (XCR0_AVX | XCR0_AVX512)) == (XCR0_AVX | XCR0_AVX512))
		cpu_info.xcr0 |= XCR0_AVX512;
	cpu_info.xsave_size = 512 + 64;
	for (unsigned i = 2; i < 32; i++) {
		struct cpuid_regs r;

		if (!(cpu_info.xcr0 >> i & 1))
			continue;
		r = cpuid(0xd, i);	/* EAX: size, EBX: offset, standard format (XSTATE-2) */
		cpu_info.xsave_size = MAX(cpu_info.xsave_size, r.eax + r.ebx);
	}
}

/*
 * Does a null selector leave the base of FS as it was (AMD before Zen 2)?  Tried on FS, which
 * the kernel does not use.  CPUID 8000_0021 tells it only since Zen 3.
 */
static bool null_selector_keeps_base(void)
{
	bool keeps;

	wrmsr(MSR_FS_BASE, 0x10000);
	__asm__ volatile("mov %0, %%fs" ::"r"(0));
	keeps = rdmsr(MSR_FS_BASE) != 0;
	wrmsr(MSR_FS_BASE, 0);
	return keeps;
}

/*
 * Spec 2.12: the branch that SKIPS a SWAPGS needs the fence wherever user GS bases can point
 * into the kernel or SMAP does not stop user addresses; the branch that takes it needs
 * the fence on CPUs that predict SWAPGS, which AMD says its own do not.
 */
static bool needs_swapgs_fence(void)
{
	return cpu_info.vendor != VENDOR_AMD || cpu_has(FEATURE_FSGSBASE) ||
	       !cpu_has(FEATURE_SMAP);
}

/*
 * AMD, "Software techniques for managing speculation on AMD processors", G-2: from family 10h on, but
 * 11h, a bit makes LFENCE the fence that R2.29 and RDTSC count on; K8's is one anyway.  Under a
 * hypervisor that is the host's business.
 */
static bool lfence_needs_msr(void)
{
	unsigned family = cpu_family(cpuid(1, 0).eax);

	return cpu_info.vendor == VENDOR_AMD && family >= 0x10 && family != 0x11 &&
	       !cpu_has(FEATURE_HYPERVISOR);
}

/* APM vol. 2, 11.4.4.3; CPUID 8000_0008 EBX[2] says that XRSTOR always loads them. */
static bool fpu_pointers_stay(void)
{
	const struct cpuid_bit always_loaded = { 0x80000008, 0, EBX, 2, "xsaveerptr" };

	return cpu_info.vendor == VENDOR_AMD && !has_bit(&always_loaded);
}

static bool hypervisor_is_tcg(void)
{
	struct cpuid_regs r;

	if (!cpu_has(FEATURE_HYPERVISOR))
		return false;
	r = cpuid(0x40000000, 0);
	return !memcmp((const uint32_t[]){ r.ebx, r.ecx, r.edx }, "TCGTCGTCGTCG", 12);
}

void cpu_features_init(void)
{
	check_required();
	read_names();
	read_address_sizes();
	cpu_info.hwcap = cpuid(1, 0).edx;
	for (unsigned i = 0; i < FEATURE_COUNT; i++)
		cpu_info.has[i] = feature_bits[i].name && has_bit(&feature_bits[i]);
	if (boot_options.nofsgsbase)
		cpu_info.has[FEATURE_FSGSBASE] = false;
	cpu_info.has[FEATURE_ALWAYS] = true;
	cpu_info.has[FEATURE_TCG] = hypervisor_is_tcg();
	cpu_info.has[FEATURE_NULL_SEG_KEEPS_BASE] = null_selector_keeps_base();
	cpu_info.has[FEATURE_FENCE_SWAPGS] = needs_swapgs_fence();
	cpu_info.has[FEATURE_LFENCE_BY_MSR] = lfence_needs_msr();
	cpu_info.has[FEATURE_FPU_POINTERS_STAY] = fpu_pointers_stay();
	/*
	 * APM vol. 3, SYSRET: only the selector is loaded; SDM: the hidden part becomes flat too.
	 */
	cpu_info.has[FEATURE_SYSRET_KEEPS_SS] = cpu_info.vendor != VENDOR_INTEL;
	cpu_info.has[FEATURE_NMI_EARLY] = boot_options.nmi_early;
	choose_xstate();
}

const char *cpu_feature_name(unsigned feature)
{
	return feature_bits[feature].name;
}

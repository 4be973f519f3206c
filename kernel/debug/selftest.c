/* SPDX-License-Identifier: MIT */
/*
 * Measures the CPU instead of believing its name: emulators accept what silicon refuses and the
 * other way round (spec 10).  What may raise #GP is tried under the exception table.
 */
#include "kernel/debug/selftest.h"

#include "kernel/cpu/acpi.h"
#include "kernel/cpu/apic_regs.h"
#include "kernel/cpu/clock.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/segments.h"
#include "kernel/cpu/x86.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/extable.h"
#include "boot/cmdline.h"

#define SOME_BASE 0x10000ull
#define MSR_NOBODY_HAS 0x4fffffff	/* outside every range of SDM vol. 4 and of hypervisors */

static const char *yes_no(bool b)
{
	return b ? "yes" : "no";
}

/* True if WRMSR did not fault. */
static bool try_wrmsr(uint32_t msr, uint64_t value)
{
	bool done = false;

	__asm__ volatile("1:\twrmsr\n\tmovb $1, %0\n2:\n\t" EXTABLE("1b", "2b")
			 : "+r"(done)
			 : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
	return done;
}

static bool try_rdmsr(uint32_t msr, uint64_t *value)
{
	uint32_t lo = 0, hi = 0;
	bool done = false;

	__asm__ volatile("1:\trdmsr\n\tmovb $1, %0\n2:\n\t" EXTABLE("1b", "2b")
			 : "+r"(done), "+a"(lo), "+d"(hi)
			 : "c"(msr));
	*value = (uint64_t)hi << 32 | lo;
	return done;
}

static bool try_wrfsbase(uint64_t value)
{
	bool done = false;

	__asm__ volatile("1:\twrfsbase %1\n\tmovb $1, %0\n2:\n\t" EXTABLE("1b", "2b")
			 : "+r"(done)
			 : "r"(value));
	return done;
}

static void print_cpu(void)
{
	struct cpuid_regs r = cpuid(0x40000000, 0);
	char hypervisor[13] = "none";

	if (cpu_has(FEATURE_HYPERVISOR))
		memcpy(hypervisor, (const uint32_t[]){ r.ebx, r.ecx, r.edx }, 12);
	printk("selftest: cpu %s, %s, signature %x, hypervisor %s\n", cpu_info.vendor_name,
	       cpu_info.brand, cpuid(1, 0).eax, hypervisor);
	printk("selftest: addresses %u bits physical, %u virtual\n", cpu_info.phys_bits,
	       cpu_info.virt_bits);
}

static void print_features(void)
{
	char line[256];
	size_t n = 0;

	line[0] = '\0';
	for (unsigned i = 0; i < FEATURE_COUNT && n < sizeof(line); i++)
		if (cpu_has(i) && cpu_feature_name(i))
			n += snprintf(line + n, sizeof(line) - n, " %s", cpu_feature_name(i));
	printk("selftest: features%s\n", line);
}

/* The bits as they stand in the registers, not as cpu_info wants them. */
static void print_protection(void)
{
	uint64_t cr4 = read_cr4();

	printk("selftest: NX %s, WP %s, SMEP %s, SMAP %s, UMIP %s, #MC %s\n",
	       yes_no(rdmsr(MSR_EFER) & EFER_NXE), yes_no(read_cr0() & CR0_WP),
	       yes_no(cr4 & CR4_SMEP), yes_no(cr4 & CR4_SMAP), yes_no(cr4 & CR4_UMIP),
	       yes_no(cr4 & CR4_MCE));
}

static void print_fsgsbase(void)
{
	bool accepts48, accepts57;

	if (!(read_cr4() & CR4_FSGSBASE)) {
		printk("selftest: FSGSBASE off%s\n",
		       boot_options.nofsgsbase ? " by nofsgsbase" : ", not in this CPU");
		return;
	}
	accepts48 = try_wrfsbase(1ull << 47);
	accepts57 = try_wrfsbase(1ull << 56);
	wrmsr(MSR_FS_BASE, 0);
	printk("selftest: FSGSBASE on, WRFSBASE takes %s\n",
	       accepts57 ? "any value" : accepts48 ? "57-bit canonical values" :
						     "48-bit canonical values");
}

/*
 * For the GS half this CPU is put into the state of user mode - GS the user's, the kernel's in
 * KERNEL_GS_BASE - so that an NMI meanwhile finds what its entry can handle.  Between the two
 * SWAPGS nothing uses %gs, and the compiler does not move asm volatile statements across each
 * other.
 */
static bool null_selector_keeps_gs_base(void)
{
	uint64_t after;

	wrmsr(MSR_KERNEL_GS_BASE, SOME_BASE);
	__asm__ volatile("swapgs" ::: "memory");
	__asm__ volatile("mov %0, %%gs" ::"r"(0) : "memory");
	after = rdmsr(MSR_GS_BASE);
	__asm__ volatile("swapgs" ::: "memory");
	wrmsr(MSR_KERNEL_GS_BASE, 0);
	return after == SOME_BASE;
}

static void print_null_selector(void)
{
	printk("selftest: MOV of a null selector clears the base: FS %s, GS %s\n",
	       yes_no(!cpu_has(FEATURE_NULL_SEG_KEEPS_BASE)),
	       yes_no(!null_selector_keeps_gs_base()));
}

static void print_msr_checks(void)
{
	uint64_t value;
	bool unknown = try_rdmsr(MSR_NOBODY_HAS, &value);
	bool canonical = try_wrmsr(MSR_FS_BASE, 1ull << 62);

	wrmsr(MSR_FS_BASE, 0);
	printk("selftest: RDMSR of an unknown MSR %s, WRMSR of a non-canonical base %s\n",
	       unknown ? "reads" : "#GP", canonical ? "writes" : "#GP");
}

static void print_xstate(void)
{
	if (!cpu_has(FEATURE_XSAVE)) {
		printk("selftest: FXSAVE only, 512 bytes\n");
		return;
	}
	printk("selftest: XSAVE, XSAVEOPT %s, XSAVEC %s, XCR0 %llx of %x, %u bytes\n",
	       yes_no(cpu_has(FEATURE_XSAVEOPT)), yes_no(cpu_has(FEATURE_XSAVEC)),
	       (unsigned long long)cpu_info.xcr0, cpuid(0xd, 0).eax, cpu_info.xsave_size);
}

static void print_cpu_number(void)
{
	uint32_t limit = ~0u;

	__asm__("lsl %1, %0" : "+r"(limit) : "r"(CPU_NUMBER_SEL) : "cc");
	printk("selftest: LSL of the CPU-number segment gives %#x on CPU %u, RDTSCP %s\n", limit,
	       this_cpu(cpu), yes_no(cpu_has(FEATURE_RDTSCP)));
}

static void print_interrupts(void)
{
	printk("selftest: %s mode, version %x, %u CPUs, %u IOAPICs, MADT %s\n",
	       x2apic ? "x2APIC" : "xAPIC", apic_read(APIC_VERSION) & 0xff, cpu_count,
	       acpi_info.nioapics, yes_no(acpi_info.has_madt));
	printk("selftest: TSC %llu Hz, APIC timer %llu Hz\n",
	       (unsigned long long)clock_params.tsc_hz,
	       (unsigned long long)clock_params.apic_timer_hz);
}

void selftest_run(void)
{
	print_cpu();
	print_features();
	print_protection();
	print_fsgsbase();
	print_null_selector();
	print_msr_checks();
	print_xstate();
	print_cpu_number();
	print_interrupts();
}

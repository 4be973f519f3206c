/* SPDX-License-Identifier: MIT */
/* An inline function for each privileged instruction that C needs, and its operand's bits. */
#pragma once

#include "kernel/lib/compiler.h"

/* Model-specific registers (SDM vol. 4, APM vol. 2 app. A). */
#define MSR_APIC_BASE      0x0000001b
#define MSR_SYSENTER_CS    0x00000174
#define MSR_SYSENTER_ESP   0x00000175
#define MSR_SYSENTER_EIP   0x00000176
#define MSR_MCG_CAP        0x00000179
#define MSR_MCG_STATUS     0x0000017a
#define MSR_MCG_CTL        0x0000017b
#define MSR_DEBUGCTL       0x000001d9
#define MSR_PAT            0x00000277
#define MSR_MC0_CTL        0x00000400
#define MSR_MC0_STATUS     0x00000401
#define MSR_MC0_ADDR       0x00000402
#define MSR_X2APIC         0x00000800
#define MSR_EFER           0xc0000080
#define MSR_STAR           0xc0000081
#define MSR_LSTAR          0xc0000082
#define MSR_CSTAR          0xc0000083
#define MSR_FMASK          0xc0000084
#define MSR_FS_BASE        0xc0000100
#define MSR_GS_BASE        0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define MSR_TSC_AUX        0xc0000103
#define MSR_AMD_DE_CFG     0xc0011029
#define DE_CFG_LFENCE_SERIALISES (1u << 1)

#define EFER_SCE (1u << 0)
#define EFER_LME (1u << 8)
#define EFER_NXE (1u << 11)

/* DR6: the CPU sets bits and never clears them; this is "nothing happened" (SDM vol. 3, 18.2.3). */
#define DR6_CLEAR 0xffff0ff0ull
/* DR7: no breakpoint; bit 10 is always set. */
#define DR7_NONE 0x400ull
/* DR7: DR0 as an execute breakpoint, locally (SDM vol. 3, 18.2.4). */
#define DR7_EXECUTE_DR0 0x401ull

#define CR0_PE (1ull << 0)
#define CR0_MP (1ull << 1)
#define CR0_EM (1ull << 2)
#define CR0_TS (1ull << 3)
#define CR0_ET (1ull << 4)
#define CR0_NE (1ull << 5)
#define CR0_WP (1ull << 16)
#define CR0_AM (1ull << 18)
#define CR0_PG (1ull << 31)

#define CR4_DE         (1ull << 3)
#define CR4_PAE        (1ull << 5)
#define CR4_MCE        (1ull << 6)
#define CR4_PGE        (1ull << 7)
#define CR4_OSFXSR     (1ull << 9)
#define CR4_OSXMMEXCPT (1ull << 10)
#define CR4_UMIP       (1ull << 11)
#define CR4_FSGSBASE   (1ull << 16)
#define CR4_OSXSAVE    (1ull << 18)
#define CR4_SMEP       (1ull << 20)
#define CR4_SMAP       (1ull << 21)

#define X86_CF   (1ull << 0)
#define X86_FIXED (1ull << 1)
#define X86_PF   (1ull << 2)
#define X86_AF   (1ull << 4)
#define X86_ZF   (1ull << 6)
#define X86_SF   (1ull << 7)
#define X86_TF   (1ull << 8)
#define X86_IF   (1ull << 9)
#define X86_DF   (1ull << 10)
#define X86_OF   (1ull << 11)
#define X86_IOPL (3ull << 12)
#define X86_NT   (1ull << 14)
#define X86_RF   (1ull << 16)
#define X86_AC   (1ull << 18)
#define X86_ID   (1ull << 21)

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
	return (uint64_t)hi << 32 | lo;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" ::"c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid_regs cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(subleaf));
	return r;
}

#define DEFINE_CR(n)                                                                       \
	static inline uint64_t read_cr##n(void)                                            \
	{                                                                                  \
		uint64_t v;                                                                \
		__asm__ volatile("mov %%cr" #n ", %0" : "=r"(v)::"memory");                \
		return v;                                                                  \
	}                                                                                  \
	static inline void write_cr##n(uint64_t v)                                         \
	{                                                                                  \
		__asm__ volatile("mov %0, %%cr" #n ::"r"(v) : "memory");                   \
	}
DEFINE_CR(0)
DEFINE_CR(2)
DEFINE_CR(3)
DEFINE_CR(4)
#undef DEFINE_CR

#define DEFINE_DR(n)                                                                       \
	static inline uint64_t read_dr##n(void)                                            \
	{                                                                                  \
		uint64_t v;                                                                \
		__asm__ volatile("mov %%dr" #n ", %0" : "=r"(v));                          \
		return v;                                                                  \
	}                                                                                  \
	static inline void write_dr##n(uint64_t v)                                         \
	{                                                                                  \
		__asm__ volatile("mov %0, %%dr" #n ::"r"(v));                              \
	}
DEFINE_DR(0)
DEFINE_DR(6)
DEFINE_DR(7)
#undef DEFINE_DR

static inline void invlpg(uintptr_t addr)
{
	__asm__ volatile("invlpg (%0)" ::"r"(addr) : "memory");
}

static inline void irq_disable(void)
{
	__asm__ volatile("cli" ::: "memory");
}

static inline void irq_enable(void)
{
	__asm__ volatile("sti" ::: "memory");
}

static inline uint64_t read_flags(void)
{
	uint64_t f;

	__asm__ volatile("pushfq; popq %0" : "=r"(f)::"memory");
	return f;
}

static inline bool irqs_on(void)
{
	return read_flags() & X86_IF;
}

static inline uint64_t irq_save(void)
{
	uint64_t f = read_flags();

	irq_disable();
	return f;
}

static inline void irq_restore(uint64_t flags)
{
	if (flags & X86_IF)
		irq_enable();
}

/* STI holds interrupts off for one more instruction: no wake-up is lost before HLT (SDM vol. 2). */
static inline void irq_enable_and_halt(void)
{
	__asm__ volatile("sti; hlt" ::: "memory");
}

static inline void cpu_relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}

static inline uint64_t rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi)::"memory");
	return (uint64_t)hi << 32 | lo;
}

static inline void outb(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" ::"a"(v), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void outw(uint16_t port, uint16_t v)
{
	__asm__ volatile("outw %0, %1" ::"a"(v), "Nd"(port));
}

static inline uint16_t inw(uint16_t port)
{
	uint16_t v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void outl(uint16_t port, uint32_t v)
{
	__asm__ volatile("outl %0, %1" ::"a"(v), "Nd"(port));
}

static inline uint32_t inl(uint16_t port)
{
	uint32_t v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

/* SPDX-License-Identifier: MIT */
/*
 * The local APIC of each CPU.  Firmware decides the mode: where it left x2APIC on, there is no
 * way back to xAPIC without a reset of the APIC, so the kernel follows (SDM vol. 3, 11.12.5).
 */
#include "kernel/cpu/apic.h"

#include "kernel/cpu/apic_regs.h"
#include "kernel/cpu/clock.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/idt.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/mm/vmap.h"

#define APIC_BASE_BSP    (1ull << 8)
#define APIC_BASE_X2APIC (1ull << 10)
#define APIC_BASE_ENABLE (1ull << 11)
#define APIC_BASE_ADDRESS 0x000ffffffffff000ull
#define APIC_MAX_LVT(version) ((version) >> 16 & 0xff)

bool x2apic;
static volatile uint32_t *registers;	/* xAPIC only */
static uint64_t common_base;		/* IA32_APIC_BASE of every CPU, without the BSP flag */

uint32_t apic_read(unsigned reg)
{
	if (x2apic)
		return (uint32_t)rdmsr(MSR_X2APIC + reg / 16);
	return registers[reg / 4];
}

void apic_write(unsigned reg, uint32_t value)
{
	if (x2apic)
		wrmsr(MSR_X2APIC + reg / 16, value);
	else
		registers[reg / 4] = value;
}

void apic_init(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	if (!(base & APIC_BASE_ENABLE))
		fatal("apic: no local APIC: firmware has switched it off");
	x2apic = base & APIC_BASE_X2APIC;
	common_base = base & ~APIC_BASE_BSP;
	if (!x2apic) {
		registers = vmap_mmio(base & APIC_BASE_ADDRESS, PAGE_SIZE);
		if (!registers)
			fatal("apic: no memory to map the local APIC");
	}
	apic_enable();
}

/*
 * INIT leaves mode and address of an AP's APIC as firmware set them; all CPUs must be in the boot
 * CPU's mode, and its registers are mapped at the boot CPU's address.  From x2APIC there is no way
 * to xAPIC but through "disabled"; from xAPIC one write is enough (SDM vol. 3, 11.12.5.1).
 */
static void match_mode(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE), wanted = common_base | (base & APIC_BASE_BSP);

	if (base == wanted)
		return;
	if ((base & APIC_BASE_X2APIC) && !x2apic)
		wrmsr(MSR_APIC_BASE, base & ~(APIC_BASE_ENABLE | APIC_BASE_X2APIC));
	wrmsr(MSR_APIC_BASE, wanted);
}

void apic_enable(void)
{
	unsigned max_lvt;

	match_mode();
	max_lvt = APIC_MAX_LVT(apic_read(APIC_VERSION));
	apic_write(APIC_SPURIOUS, APIC_SPURIOUS_ENABLE | VECTOR_SPURIOUS);
	apic_write(APIC_TPR, 0);
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | VECTOR_TIMER);
	apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_1);
	/* LINT0 is where the 8259s would come in. */
	apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED);
	/* Some firmware leaves it masked, and the host's NMI button would be lost (spec 11, 3). */
	apic_write(APIC_LVT_LINT1, APIC_DELIVER_NMI);
	if (max_lvt >= 3)
		apic_write(APIC_LVT_ERROR, APIC_LVT_MASKED);
	if (max_lvt >= 4)
		apic_write(APIC_LVT_PERF, APIC_LVT_MASKED);
	if (max_lvt >= 5)
		apic_write(APIC_LVT_THERMAL, APIC_LVT_MASKED);
	if (max_lvt >= 6)
		apic_write(APIC_LVT_CMCI, APIC_LVT_MASKED);
	apic_write(APIC_ESR, 0);
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

bool apic_in_service(unsigned vector)
{
	return apic_read(APIC_ISR + vector / 32 * 0x10) >> vector % 32 & 1;
}

void apic_timer_arm(uint64_t ns)
{
	uint64_t count;

	if (!ns) {
		apic_write(APIC_TIMER_INITIAL, 0);
		return;
	}
	/* 4 s, and at most 4 GHz, keep the product in 64 bits.  Rounded up: never early. */
	count = MIN(ns, 4000000000ull) * clock_params.apic_timer_hz / 1000000000 + 1;
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
	apic_write(APIC_TIMER_INITIAL, (uint32_t)MIN(count, (uint64_t)UINT32_MAX));
}

/* SPDX-License-Identifier: MIT */
/* What mode and address firmware may leave local APICs in: kernel/cpu/apic.c. */
#include <stdlib.h>
#include "kernel/cpu/apic.h"
#include "kernel/cpu/apic_regs.h"
#include "kernel/cpu/clock.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/mm/vmap.h"
#include "tests/host/test.h"

static uint64_t read_msr(uint32_t msr);
static void write_msr(uint32_t msr, uint64_t value);

#define rdmsr read_msr
#define wrmsr write_msr
#include "kernel/cpu/apic.c"

#define XAPIC	 0xfee00800
#define X2APIC	 0xfee00c00
#define MOVED	 0xfed80800
#define BSP	 0x100
#define MODE	 0xc00

struct clock_params clock_params;

static uint64_t apic_base;	/* of the CPU that runs */
static unsigned moves, general_protections;
static uint32_t page[0x400];	/* the registers, by xAPIC's numbering */
static uint64_t mapped;

static uint64_t read_msr(uint32_t msr)
{
	return msr == MSR_APIC_BASE ? apic_base : page[(msr - MSR_X2APIC) * 4];
}

/* SDM vol. 3, 11.12.5: the three ways that there are not. */
static bool is_a_way(uint64_t from, uint64_t to)
{
	if ((to & MODE) == (X2APIC & MODE & ~XAPIC))
		return false;
	if ((from & MODE) == (X2APIC & MODE))
		return (to & MODE) != (XAPIC & MODE);
	return (from & MODE) || (to & MODE) != (X2APIC & MODE);
}

static void write_msr(uint32_t msr, uint64_t value)
{
	if (msr != MSR_APIC_BASE) {
		if ((apic_base & MODE) != (X2APIC & MODE))
			general_protections++;
		page[(msr - MSR_X2APIC) * 4] = (uint32_t)value;
		return;
	}
	if (is_a_way(apic_base, value))
		apic_base = value;
	else
		general_protections++;
	moves++;
}

volatile void *vmap_mmio(phys_t phys, size_t size)
{
	mapped = phys;
	(void)size;
	return page;
}

void fatal(const char *fmt, ...)
{
	fputs(fmt, stderr);
	exit(1);
}

/* The boot CPU's, and then an AP's: what the AP's becomes. */
static uint64_t start(uint64_t boot, uint64_t ap)
{
	apic_base = boot | BSP;
	moves = general_protections = 0;
	apic_init();
	CHECK_EQ(apic_base, boot | BSP);
	CHECK_EQ(moves, 0);
	apic_base = ap;
	page[APIC_SPURIOUS / 4] = 0;
	apic_enable();
	CHECK_EQ(page[APIC_SPURIOUS / 4], 0x1ff);
	CHECK_EQ(general_protections, 0);
	return apic_base;
}

TEST(aps_as_the_boot_cpu)
{
	CHECK_EQ(start(XAPIC, XAPIC), XAPIC);
	CHECK_EQ(mapped, 0xfee00000);
	CHECK(!x2apic);
	CHECK_EQ(start(X2APIC, X2APIC), X2APIC);
	CHECK(x2apic);
	CHECK_EQ(moves, 0);
}

TEST(only_the_boot_cpu_is_in_x2apic_mode)
{
	CHECK_EQ(start(X2APIC, XAPIC), X2APIC);
	CHECK_EQ(moves, 1);
}

TEST(only_the_aps_are_in_x2apic_mode)
{
	CHECK_EQ(start(XAPIC, X2APIC), XAPIC);
	CHECK_EQ(moves, 2);		/* by way of "disabled" */
}

TEST(only_the_boot_cpu_has_been_moved)
{
	CHECK_EQ(start(MOVED, XAPIC), MOVED);
	CHECK_EQ(mapped, 0xfed80000);
	CHECK_EQ(moves, 1);
}

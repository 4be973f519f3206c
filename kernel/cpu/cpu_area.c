/* SPDX-License-Identifier: MIT */
/* Makes each CPU's window: its GDT, its TSS, and IST stacks that know which CPU they belong to. */
#include "kernel/cpu/cpu_area.h"

#include <asm/errno.h>
#include "kernel/cpu/espfix.h"
#include "kernel/cpu/percpu.h"
#include "kernel/debug/panic.h"
#include "kernel/mm/paging.h"

#define GDT_OFFSET 0x0000
#define TSS_OFFSET 0x1000
#define IST_OFFSET 0x10000
#define IST_SLOT   (2 * IST_SIZE)	/* guard below, stack above */

_Static_assert(IST_SIZE >= PAGE_SIZE && !(IST_SIZE & (IST_SIZE - 1)), "IST-1: RSP & -IST_SIZE");
_Static_assert(CPU_AREA_BASE % IST_SIZE == 0 && CPU_AREA_STRIDE % IST_SIZE == 0 &&
		       IST_OFFSET % IST_SIZE == 0, "IST-1: every stack is aligned to its size");
_Static_assert(IST_OFFSET + IST_COUNT * IST_SLOT <= CPU_AREA_STRIDE, "the window holds it all");
_Static_assert(sizeof(struct tss) == 104, "the hardware's 64-bit TSS");

/*
 * Every descriptor has its accessed bit set: the CPU's own view of the GDT is read-only, and
 * loading one without would make the CPU write to it and fault (GDT-1).
 */
static const uint64_t gdt_flat[GDT_ENTRIES] = {
	[GDT_KERNEL32_CS] = 0x00cf9b000000ffff,
	[GDT_KERNEL_CS] = 0x00af9b000000ffff,
	[GDT_KERNEL_DS] = 0x00cf93000000ffff,
	[GDT_USER32_CS] = 0x00cffb000000ffff,
	[GDT_USER_DS] = 0x00cff3000000ffff,
	[GDT_USER_CS] = 0x00affb000000ffff,
	/* DPL 3, expand-down, read-only; its limit is the CPU number, for LSL (spec 12.4). */
	[GDT_CPU_NUMBER] = 0x0040f50000000000,
};

static uint64_t *gdt_alias[MAX_CPUS];

static uintptr_t window(unsigned cpu)
{
	return CPU_AREA_BASE + cpu * CPU_AREA_STRIDE;
}

uint64_t *cpu_gdt(unsigned cpu)
{
	return gdt_alias[cpu];
}

uintptr_t ist_bottom(unsigned cpu, unsigned ist)
{
	return window(cpu) + IST_OFFSET + (ist - 1) * IST_SLOT + IST_SIZE;
}

/* Maps one fresh zeroed frame; returns its direct-map address, or NULL. */
static void *map_page(uintptr_t virt, uint64_t flags)
{
	phys_t frame = frame_alloc_zeroed();

	if (!frame)
		return NULL;
	if (kernel_map(virt, frame, PTE_P | PTE_G | PTE_NX | PTE_A | flags)) {
		frame_put(frame);
		return NULL;
	}
	return phys_to_virt(frame);
}

static void fill_gdt(uint64_t *gdt, unsigned cpu)
{
	uint64_t tss = window(cpu) + TSS_OFFSET;

	for (unsigned i = 0; i < GDT_ENTRIES; i++)
		gdt[i] = gdt_flat[i];
	gdt[GDT_CPU_NUMBER] |= cpu;
	/* Available 64-bit TSS, DPL 0 (SDM vol. 3, 8.2.3): the base lies scattered over two. */
	gdt[GDT_TSS] = (sizeof(struct tss) - 1) | (tss & 0xffffff) << 16 | 0x89ull << 40 |
		       (tss >> 24 & 0xff) << 56;
	gdt[GDT_TSS + 1] = tss >> 32;
}

/* The two words at the bottom that paranoid entry and ist_check read (spec 2.3, R2.2). */
static int create_ist_stack(struct percpu *pc, unsigned ist)
{
	uintptr_t bottom = ist_bottom(pc->cpu, ist);

	for (uintptr_t page = bottom; page < bottom + IST_SIZE; page += PAGE_SIZE)
		if (!map_page(page, PTE_W | PTE_D))
			return -ENOMEM;
	((uint64_t *)bottom)[0] = (uintptr_t)pc;
	((uint64_t *)bottom)[1] = IST_MAGIC;
	pc->tss->ist[ist - 1] = bottom + IST_SIZE;
	return 0;
}

/* After -ENOMEM what is mapped stays mapped: the CPU is left out for good. */
int cpu_area_create(struct percpu *pc)
{
	uintptr_t base = window(pc->cpu);

	gdt_alias[pc->cpu] = map_page(base + GDT_OFFSET, 0);
	if (!gdt_alias[pc->cpu] || !map_page(base + TSS_OFFSET, PTE_W | PTE_D))
		return -ENOMEM;
	pc->gdt = gdt_alias[pc->cpu];
	fill_gdt(pc->gdt, pc->cpu);
	pc->tss = (struct tss *)(base + TSS_OFFSET);
	/* Beyond the limit: no I/O permission bitmap, so IN and OUT fault in ring 3. */
	pc->tss->iomap_base = sizeof(struct tss);
	for (unsigned ist = 1; ist <= IST_COUNT; ist++)
		if (create_ist_stack(pc, ist))
			return -ENOMEM;
	return espfix_create(pc);
}

unsigned ist_find(uintptr_t addr, unsigned *cpu, bool *guard)
{
	uintptr_t offset = (addr - CPU_AREA_BASE) % CPU_AREA_STRIDE;
	unsigned slot;

	if (addr < CPU_AREA_BASE || addr >= window(cpu_count) || offset < IST_OFFSET)
		return 0;
	slot = (offset - IST_OFFSET) / IST_SLOT;
	if (slot >= IST_COUNT)
		return 0;
	*cpu = (addr - CPU_AREA_BASE) / CPU_AREA_STRIDE;
	*guard = (offset - IST_OFFSET) % IST_SLOT < IST_SIZE;
	return slot + 1;
}

/*
 * LSL is the second witness of the CPU number: it reads the GDT, not the GS base.  (RDPID would
 * not be one: under KVM an NMI can see the guest's TSC_AUX, spec 2.3.)
 */
static unsigned cpu_from_lsl(void)
{
	uint32_t limit = ~0u;

	__asm__("lsl %1, %0" : "+r"(limit) : "r"(CPU_NUMBER_SEL) : "cc");
	return limit & 0xfff;
}

void ist_check(uintptr_t rsp, unsigned ist)
{
	unsigned cpu = cpu_from_lsl();
	uintptr_t bottom = rsp & -(uintptr_t)IST_SIZE;
	const uint64_t *word = (const uint64_t *)bottom;

	if (cpu >= cpu_count || bottom != ist_bottom(cpu, ist))
		panic("IST-1 violated: RSP %lx is not on IST stack %u of CPU %u", rsp, ist, cpu);
	if (word[1] != IST_MAGIC)
		panic("IST-2 violated: IST stack %u of CPU %u has overflowed, magic is %llx", ist,
		      cpu, (unsigned long long)word[1]);
	if (word[0] != (uintptr_t)&percpu_table[cpu])
		panic("IST-3 violated: IST stack %u says GS base %llx, LSL says CPU %u at %p",
		      ist, (unsigned long long)word[0], cpu, (void *)&percpu_table[cpu]);
}

/* SPDX-License-Identifier: MIT */
/*
 * The final kernel page tables: the image by its sections, the direct map, and the top-level
 * entries that all address spaces will share.
 *
 * The direct map covers RAM, ACPI and NVS ranges, the first MiB, and small reserved ranges that
 * touch any of those (firmware keeps its ACPI tables there).  All else is device
 * memory, for vmap_mmio.
 */
#include "kernel/cpu/espfix.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/mm/image.h"
#include "kernel/mm/kernel_tables.h"

#define RESERVED_MAX MIB(64)

/* The largest page that virt and phys are aligned for and that fits into left bytes. */
static unsigned leaf_level(uintptr_t virt, phys_t phys, uint64_t left)
{
	unsigned level = cpu_has(FEATURE_GIB_PAGES) ? 3 : 2;

	while (level > 1 && (((virt | phys) & (level_size(level) - 1)) || left < level_size(level)))
		level--;
	return level;
}

static void map_range(uintptr_t virt, phys_t phys, uint64_t len, uint64_t flags)
{
	flags |= PTE_P | PTE_A | PTE_D | (cpu_has(FEATURE_PGE) ? PTE_G : 0);
	while (len) {
		unsigned level = leaf_level(virt, phys, len);
		pte_t *entry = kernel_entry(virt, level);

		if (!entry)
			fatal("out of memory for the kernel's page tables");
		*entry = phys | flags | (level > 1 ? PTE_PS : 0);
		virt += level_size(level);
		phys += level_size(level);
		len -= level_size(level);
	}
}

static void map_image(const char *start, const char *end, uint64_t flags)
{
	map_range((uintptr_t)start, image_phys(start), end - start, flags);
}

static void map_direct(phys_t start, phys_t end, uint64_t flags)
{
	if (start < end)
		map_range((uintptr_t)phys_to_virt(start), start, end - start, flags | PTE_NX);
}

/* The alias of text and rodata is read-only from the first moment on (W-X-1). */
static void map_memory(phys_t start, phys_t end)
{
	phys_t low = image_protected_start(), high = image_protected_end();

	map_direct(start, MIN(end, low), PTE_W);
	map_direct(MAX(start, low), MIN(end, high), 0);
	map_direct(MAX(start, high), end, PTE_W);
}

static bool is_memory(const struct boot_range *r)
{
	return r->type == RANGE_RAM || r->type == RANGE_ACPI || r->type == RANGE_NVS;
}

static bool is_mapped(const struct boot_info *info, unsigned i)
{
	const struct boot_range *r = &info->range[i];

	if (is_memory(r))
		return true;
	if (r->end - r->start > RESERVED_MAX)
		return false;
	return (i > 0 && is_memory(r - 1) && r[-1].end == r->start) ||
	       (i + 1 < info->nranges && is_memory(r + 1) && r[1].start == r->end);
}

/* Neighbouring ranges are joined, so that large pages can cross their borders. */
static void map_all_memory(const struct boot_info *info)
{
	phys_t start = 0, end = MIB(1);

	for (unsigned i = 0; i < info->nranges; i++) {
		phys_t from = MAX(ALIGN_DOWN(info->range[i].start, PAGE_SIZE), end);
		phys_t to = MIN(info->range[i].end, MEMORY_LIMIT);

		to = ALIGN_UP(to, PAGE_SIZE);
		if (from >= to || !is_mapped(info, i))
			continue;
		if (from > end) {
			map_memory(start, end);
			start = from;
		}
		end = to;
	}
	map_memory(start, end);
}

/* Makes the PML4 entries of an area whose mappings come later. */
static void prepare_area(uintptr_t base, uint64_t size)
{
	for (uint64_t at = 0; at < size; at += level_size(4))
		if (!kernel_entry(base + at, 3))
			fatal("out of memory for the kernel's page tables");
}

void paging_init(const struct boot_info *info)
{
	if (!cpu_has(FEATURE_NX))
		fatal("this CPU cannot make memory non-executable (no NX)");
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
	kernel_pml4 = frame_alloc_zeroed();
	if (!kernel_pml4)
		fatal("out of memory for the kernel's page tables");
	/* Text stays writable for the alternatives until paging_seal. */
	map_image(__text_start, __text_end, PTE_W);
	map_image(__rodata_start, __rodata_end, PTE_NX);
	/* Not the page below the boot CPU's stack: an overflow faults there (STACK-1). */
	map_image(__data_start, boot_stack_guard, PTE_W | PTE_NX);
	map_image(boot_stack_guard + PAGE_SIZE, __image_end, PTE_W | PTE_NX);
	map_all_memory(info);
	prepare_area(VMAP_BASE, VMAP_SIZE);
	prepare_area(CPU_AREA_BASE, MAX_CPUS * CPU_AREA_STRIDE);
	prepare_area(ESPFIX_BASE, ESPFIX_SIZE);
	write_cr3(kernel_pml4);
}

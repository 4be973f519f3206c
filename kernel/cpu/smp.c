/* SPDX-License-Identifier: MIT */
/*
 * Starting the other CPUs, one at a time: INIT, SIPI, SIPI (SDM vol. 3, "MP initialization").
 * Alternatives are patched by then, so an AP's first exception already takes the final entry
 * code; cpu_area_load has the order that this needs.
 */
#include "kernel/cpu/smp.h"

#include "boot/ap_start.h"
#include "boot/boot_info.h"
#include "boot/cmdline.h"
#include "kernel/cpu/acpi.h"
#include "kernel/cpu/apic.h"
#include "kernel/cpu/apic_regs.h"
#include "kernel/cpu/clock.h"
#include "kernel/cpu/cpu_area.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/idt.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/x86.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/paging.h"
#include "kernel/mm/vmap.h"
#include "sched/sched.h"

#define US 1000ull
#define MS 1000000ull
#define INIT_DELAY (10 * MS)	/* SDM; no hypervisor needs it */
#define SIPI_DELAY (200 * US)
#define START_TIMEOUT (1000 * MS)	/* the host of an emulator may be busy elsewhere */

/* The trampoline's page: free memory below the EBDA, off the BIOS data area. */
#define LOW_START 0x10000ull
#define LOW_END   0x90000ull

struct percpu percpu_table[MAX_CPUS];
unsigned cpu_count;

_Static_assert(ARRAY_SIZE(((struct acpi_info *)0)->cpu_apic_id) == MAX_CPUS, "one slot for each");

void percpu_init(void)
{
	unsigned n = acpi_info.ncpus;

	if (boot_options.max_cpus && boot_options.max_cpus < n)
		n = boot_options.max_cpus;
	for (cpu_count = 0; cpu_count < n; cpu_count++) {
		struct percpu *pc = &percpu_table[cpu_count];

		pc->self = pc;
		pc->cpu = cpu_count;
		pc->apic_id = acpi_info.cpu_apic_id[cpu_count];
	}
	percpu_table[0].online = true;
}

static bool overlaps_module(uint64_t start)
{
	for (unsigned i = 0; i < boot_info.nmodules; i++)
		if (boot_info.module[i].start < start + PAGE_SIZE &&
		    start < boot_info.module[i].end)
			return true;
	return false;
}

/* The frame allocator never hands out the first MiB, so whatever the loader left is ours. */
static phys_t find_trampoline_page(void)
{
	for (unsigned i = 0; i < boot_info.nranges; i++) {
		const struct boot_range *r = &boot_info.range[i];
		uint64_t start = MAX(r->start, LOW_START), end = MIN(r->end, LOW_END);

		if (r->type != RANGE_RAM)
			continue;
		for (; start + PAGE_SIZE <= end; start += PAGE_SIZE)
			if (!overlaps_module(start))
				return start;
	}
	return 0;
}

static bool wait_online(const struct percpu *pc, uint64_t ns)
{
	uint64_t deadline = clock_monotonic_ns() + ns;

	while (!__atomic_load_n(&pc->online, __ATOMIC_ACQUIRE)) {
		if (clock_monotonic_ns() > deadline)
			return false;
		cpu_relax();
	}
	return true;
}

/*
 * The AP's first C code: boot stack, the trampoline's GDT, no IDT, no lock and no this_cpu yet.
 * The identity map stays until that GDT is left: an NMI loads CS from it.
 */
static __noreturn void ap_main(void *arg)
{
	struct percpu *pc = arg;

	idt_early_load();		/* an NMI returns (R2.28), a fault says so */
	cpu_area_load(pc);
	write_cr3(kernel_pml4);		/* without the identity map */
	apic_enable();
	sched_start_ap();		/* sets pc->online, once it can be given threads */
}

static void fill_params(phys_t page, phys_t pml4, struct percpu *pc)
{
	uint8_t *copy = phys_to_virt(page);

	memcpy(copy, ap_trampoline_start, ap_trampoline_end - ap_trampoline_start);
	*(struct ap_params *)(copy + AP_PARAMS_OFFSET) = (struct ap_params){
		.pml4 = pml4,
		.stack_top = (uintptr_t)pc->boot_stack + KERNEL_STACK_SIZE,
		.entry = (uintptr_t)ap_main,
		.arg = (uintptr_t)pc,
		.nx = cpu_has(FEATURE_NX),
	};
}

static bool send_init_sipi(const struct percpu *pc, phys_t page)
{
	uint32_t sipi = APIC_DELIVER_STARTUP | APIC_ICR_ASSERT | (uint32_t)(page >> PAGE_SHIFT);

	apic_command(pc->apic_id, APIC_DELIVER_INIT | APIC_ICR_ASSERT);
	if (!cpu_has(FEATURE_HYPERVISOR))
		wait_online(pc, INIT_DELAY);
	apic_command(pc->apic_id, sipi);
	if (wait_online(pc, SIPI_DELAY))
		return true;
	/* A CPU that the first one has started ignores the second. */
	apic_command(pc->apic_id, sipi);
	if (wait_online(pc, START_TIMEOUT))
		return true;
	/* Back to waiting for a SIPI: it must not come up late, on the next CPU's parameters. */
	apic_command(pc->apic_id, APIC_DELIVER_INIT | APIC_ICR_ASSERT);
	return false;
}

static void start_ap(struct percpu *pc, phys_t page, phys_t pml4)
{
	if (!x2apic && pc->apic_id >= 0xff) {
		printk("smp: CPU %u, APIC id %u, needs x2APIC, left out\n", pc->cpu, pc->apic_id);
		return;
	}
	pc->boot_stack = stack_alloc();
	if (!pc->boot_stack || cpu_area_create(pc)) {
		printk("smp: no memory for CPU %u, APIC id %u, left out\n", pc->cpu, pc->apic_id);
		return;
	}
	fill_params(page, pml4, pc);
	if (!send_init_sipi(pc, page))
		printk("smp: CPU %u, APIC id %u, does not answer, left out\n", pc->cpu,
		       pc->apic_id);
}

void smp_start_all(void)
{
	phys_t page, pml4;
	unsigned online = 0;

	if (cpu_count == 1)
		return;
	page = find_trampoline_page();
	pml4 = page ? paging_trampoline_pml4() : 0;
	if (!pml4)
		printk("smp: no memory below 1 MiB to start other CPUs from\n");
	for (unsigned cpu = 1; pml4 && cpu < cpu_count; cpu++)
		start_ap(&percpu_table[cpu], page, pml4);
	for_each_cpu(c)
		online += percpu_table[c].online;
	printk("smp: %u of %u CPUs online\n", online, cpu_count);
}

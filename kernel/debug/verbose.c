/* SPDX-License-Identifier: MIT */
/* Prints boot_info and acpi_info, a line for each item. */
#include "kernel/debug/verbose.h"

#include "boot/boot_info.h"
#include "kernel/cpu/acpi.h"
#include "kernel/lib/print.h"

static void print_memory(void)
{
	static const char *const name[] = { "reserved", "RAM", "reserved", "ACPI", "NVS" };

	for (unsigned i = 0; i < boot_info.nranges; i++) {
		const struct boot_range *r = &boot_info.range[i];

		printk("verbose: memory %016llx-%016llx %s\n", (unsigned long long)r->start,
		       (unsigned long long)r->end,
		       r->type < ARRAY_SIZE(name) ? name[r->type] : "reserved");
	}
	for (unsigned i = 0; i < boot_info.nmodules; i++)
		printk("verbose: module %u at %llx-%llx\n", i,
		       (unsigned long long)boot_info.module[i].start,
		       (unsigned long long)boot_info.module[i].end);
}

static void print_screen(void)
{
	static const char *const type[] = { "none", "RGB", "VGA text" };
	const struct boot_framebuffer *fb = &boot_info.fb;

	printk("verbose: screen %s at %llx, %ux%u, pitch %u, %u bits, r %u:%u g %u:%u b %u:%u\n",
	       type[fb->type], (unsigned long long)fb->address, fb->width, fb->height, fb->pitch,
	       fb->bpp, fb->red_shift, fb->red_bits, fb->green_shift, fb->green_bits,
	       fb->blue_shift, fb->blue_bits);
}

static void print_acpi(void)
{
	const struct acpi_power *p = &acpi_info.power;

	printk("verbose: boot protocol %s, RSDP %llx, MADT %s, LAPIC %llx\n",
	       boot_info.protocol == BOOT_PVH ? "PVH" : "multiboot2",
	       (unsigned long long)boot_info.rsdp, acpi_info.has_madt ? "yes" : "no",
	       (unsigned long long)acpi_info.lapic_address);
	for (unsigned i = 0; i < acpi_info.ncpus; i++)
		printk("verbose: CPU %u has APIC id %u\n", i, acpi_info.cpu_apic_id[i]);
	for (unsigned i = 0; i < acpi_info.nioapics; i++)
		printk("verbose: IOAPIC at %llx from interrupt %u on\n",
		       (unsigned long long)acpi_info.ioapic[i].address,
		       acpi_info.ioapic[i].gsi_base);
	printk("verbose: PM1a %x, PM1b %x, S5 %x/%x, SMI %x, reset %u:%llx = %x, PM timer %x\n",
	       p->pm1a_control, p->pm1b_control, p->slp_typ_a, p->slp_typ_b, p->smi_command,
	       p->reset_space, (unsigned long long)p->reset_address, p->reset_value,
	       acpi_info.pm_timer_port);
}

void verbose_print(void)
{
	print_memory();
	print_screen();
	print_acpi();
}

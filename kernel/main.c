/* SPDX-License-Identifier: MIT */
/*
 * From the boot code's last instruction to pid 1, in the order that the parts need each
 * other.  Each line's comment says what must not come after it, or why it is not earlier.
 */
#include "boot/boot_info.h"
#include "boot/cmdline.h"
#include "boot/console.h"
#include "kernel/cpu/acpi.h"
#include "kernel/cpu/alternative.h"
#include "kernel/cpu/apic.h"
#include "kernel/cpu/clock.h"
#include "kernel/cpu/cpu_area.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/idt.h"
#include "kernel/cpu/nmi_storm.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/smp.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/ktest.h"
#include "kernel/debug/machine_end.h"
#include "kernel/debug/panic.h"
#include "kernel/debug/selftest.h"
#include "kernel/debug/verbose.h"
#include "kernel/fs/file.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/main.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/paging.h"
#include "kernel/process/process.h"
#include "kernel/process/vdso.h"
#include "sched/sched.h"

/*
 * The boot page tables map the first 4 GiB; a loader that passes something above has no business
 * there.
 */
static const void *boot_map(uint64_t phys, uint64_t len)
{
	if (phys == 0 || phys >= GIB(4) || len > GIB(4) - phys)
		return NULL;
	return phys_to_virt(phys);
}

static void read_boot_data(uint32_t magic, uint64_t info_phys)
{
	static char line[BOOT_CMDLINE_MAX];
	const char *problem = boot_info_parse(&boot_info, magic, info_phys, boot_map);

	console_screen_early(&boot_info.fb);
	if (problem)
		fatal("boot data: %s", problem);
	strlcpy(line, boot_info.cmdline, sizeof(line));
	problem = cmdline_parse(&boot_options, line);
	if (problem)
		fatal("unknown or malformed boot option \"%s\"", problem);
	if (boot_info.remark)
		printk("boot: %s\n", boot_info.remark);
}

/* The modules are initramfs archives, in order; their memory goes back to the pool. */
static void unpack_modules(void)
{
	if (boot_info.nmodules == 0)
		fatal("no initramfs: the boot loader passed no module");
	for (unsigned i = 0; i < boot_info.nmodules; i++) {
		const struct boot_module *m = &boot_info.module[i];
		const char *problem = initramfs_unpack(phys_to_virt(m->start), m->end - m->start);

		if (problem)
			fatal("initramfs module %u: %s", i, problem);
		frames_free_range(m->start, m->end);
	}
}

/* The first thread: from here on the kernel can sleep. */
static void boot_thread(void *unused)
{
	(void)unused;
	if (boot_options.ktest) {	/* needs no initramfs */
		int failures = ktest_run(boot_options.ktest);

		if (failures < 0)
			fatal("no kernel test \"%s\": see ktest=list", boot_options.ktest);
		machine_power_off(failures > 0);
	}
	fs_init();
	unpack_modules();
	vdso_init();			/* patches the images before any program maps them (R6.5) */
	process_start_init(boot_options.init, boot_options.init_args);
	thread_exit_now();
}

void kernel_main(uint32_t magic, uint64_t info_phys)
{
	struct thread *first;

	idt_early_load();		/* before anything that can fault */
	pic_mask_all();			/* firmware leaves IRQ0 live, at the vector of #DF */
	console_early_init();
	read_boot_data(magic, info_phys);	/* before frames_init: it may lie in free frames */
	cpu_features_init();		/* page tables want to know about NX and 1 GiB pages */
	frames_init(&boot_info);
	paging_init(&boot_info);
	console_screen_map(&boot_info.fb);	/* nothing may be printed in between */
	acpi_init(boot_info.rsdp);
	if (boot_options.verbose)
		verbose_print();
	percpu_init();
	if (cpu_area_create(&percpu_table[0]))
		fatal("out of memory for the boot CPU's tables and stacks");
	alternatives_apply();		/* while NMIs still come to the early stubs (ALT-1) */
	cpu_area_load(&percpu_table[0]);	/* GS, IST stacks, CR4 bits, then the IDT (R1.9) */
	apic_init();
	ioapic_init();
	irq_drain();			/* all is masked, nothing is requested yet */
	clock_init();
	sched_init();
	smp_start_all();
	paging_seal();			/* all is patched; APs drop the old rights, too */
	selftest_run();
	nmi_storm_start();		/* every CPU that runs has its IST stacks by now */

	first = kthread_create("boot", boot_thread, NULL);
	if (!first)
		fatal("out of memory before the first thread");
	thread_start(first);
	irq_enable();
	sched_idle();
}

/* SPDX-License-Identifier: MIT */
/* The MADT, as firmware should write it, and as some does: kernel/cpu/acpi_tables.c. */
#include "tests/host/acpi_write.h"

static void begin_madt(void)
{
	write_all();
	begin("APIC");
	put(0xfee00000, 4);
	put(1, 4);
}

static void add_x2apic(unsigned id, unsigned flags)
{
	put(9 | 16 << 8, 4);			/* type, length, reserved */
	put(id, 4);
	put(flags, 4);
	put(id, 4);
}

TEST(more_cpus_than_the_kernel_takes)
{
	write_all();
	write_madt(70);
	parse(RSDP);
	CHECK_STR(said, "acpi: more than 64 CPUs: left out from APIC id 64 on\n");
	CHECK_EQ(info.ncpus, 64);
	CHECK_EQ(info.nioapics, 1);
}

/* Only type 9; one that is also listed as type 0; one that could be plugged in. */
TEST(x2apic_entries)
{
	begin_madt();
	add_x2apic(0, 1);
	add_x2apic(0x100, 1);
	add_x2apic(0xff, 1);			/* a CPU like others, in x2APIC's numbering */
	add_x2apic(7, 2);			/* online capable */
	add_lapic(0, 1);
	end(MADT);
	parse(RSDP);
	CHECK_STR(said, "");
	CHECK_EQ(info.ncpus, 3);
	CHECK_EQ(info.cpu_apic_id[1], 0x100);
	CHECK_EQ(info.cpu_apic_id[2], 0xff);
}

/* An INIT to one of these would go to the boot CPU, too. */
TEST(broadcast_ids_are_no_cpus)
{
	begin_madt();
	add_lapic(0, 1);
	add_lapic(0xff, 0);
	add_x2apic(0xffffffff, 0);
	end(MADT);
	parse(RSDP);
	CHECK_STR(said, "");
	CHECK_EQ(info.ncpus, 1);
	begin_madt();
	add_lapic(0, 1);
	add_lapic(0xff, 1);
	add_x2apic(0xffffffff, 1);
	end(MADT);
	parse(RSDP);
	CHECK_STR(said, "acpi: a CPU with APIC id ff, which means all of them, ignored\n"
			"acpi: a CPU with APIC id ffffffff, which means all of them, ignored\n");
	CHECK_EQ(info.ncpus, 1);
}

TEST(an_nmi_that_is_not_on_lint1)
{
	begin_madt();
	add_lapic(0, 1);
	put(0x00ff0604, 4);			/* type 4, length 6, all processors, flags */
	put(0x0100, 2);				/* LINT1 */
	put(0x00000c0a, 4);			/* type 10, length 12 */
	put(0xffffffff, 4);
	put(1, 4);
	end(MADT);
	parse(RSDP);
	CHECK_STR(said, "");
	begin_madt();
	add_lapic(0, 1);
	put(0x00000c0a, 4);
	put(0xffffffff, 4);
	put(0, 4);
	put(0x00ff0604, 4);
	put(0, 2);
	end(MADT);
	parse(RSDP);
	CHECK_STR(said, "acpi: the NMI is wired to LINT0: only LINT1 is listened to\n");
	CHECK_EQ(info.ncpus, 1);
}

TEST(an_entry_without_length)
{
	write_all();
	begin("APIC");
	put(0xfee00000, 4);
	put(1, 4);
	add_lapic(0, 1);
	put(0, 8);
	end(MADT);
	parse(RSDP);
	CHECK(strstr(said, "MADT entry at 52 has the wrong length 0, rest ignored"));
	CHECK_EQ(info.ncpus, 1);
}

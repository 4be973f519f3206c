/* SPDX-License-Identifier: MIT */
/* ACPI tables as firmware should write them, and as some does: kernel/cpu/acpi_parse.h. */
#include <stdarg.h>
#include "kernel/cpu/acpi_parse.h"
#include "kernel/lib/print.h"
#include "tests/host/arena.h"
#include "tests/host/test.h"

#define RSDP (ARENA_BASE + 0x100)
#define RSDT (ARENA_BASE + 0x200)
#define XSDT (ARENA_BASE + 0x300)
#define MADT (ARENA_BASE + 0x400)
#define FADT (ARENA_BASE + 0x1000)
#define DSDT (ARENA_BASE + 0x2000)
#define SIZE 0x3000

static uint8_t table[0x1000];	/* the one that is being written */
static unsigned length;
static struct acpi_info info;
static char said[1024];

void printk(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(said + strlen(said), sizeof(said) - strlen(said), fmt, args);
	va_end(args);
}

static void put(uint64_t value, unsigned n)
{
	memcpy(table + length, &value, n);
	length += n;
}

static void put_at(unsigned offset, uint64_t value, unsigned n)
{
	memcpy(table + offset, &value, n);
}

static void begin(const char *signature)
{
	memset(table, 0, sizeof(table));
	memcpy(table, signature, 4);
	length = 36;
}

static void set_checksum(unsigned at, unsigned n)
{
	uint8_t sum = 0;

	table[at] = 0;
	for (unsigned i = 0; i < n; i++)
		sum += table[i];
	table[at] = -sum;
}

static void end(uint64_t phys)
{
	put_at(4, length, 4);
	set_checksum(9, length);
	arena_write(phys, table, length);
}

static void write_rsdp(bool with_xsdt)
{
	memset(table, 0, sizeof(table));
	memcpy(table, "RSD PTR ", 8);
	table[15] = with_xsdt ? 2 : 0;
	put_at(16, RSDT, 4);
	put_at(20, 36, 4);
	put_at(24, with_xsdt ? XSDT : 0, 8);
	set_checksum(8, 20);
	set_checksum(32, 36);
	arena_write(RSDP, table, 36);
}

static void write_root(uint64_t phys, unsigned size)
{
	begin(size == 8 ? "XSDT" : "RSDT");
	put(FADT, size);
	put(MADT, size);
	end(phys);
}

static void add_lapic(unsigned id, unsigned flags)
{
	put(0 | 8 << 8 | id << 24, 4);		/* type, length, processor, APIC id */
	put(flags, 4);
}

static void write_madt(unsigned ncpus)
{
	begin("APIC");
	put(0xfee00000, 4);
	put(1, 4);
	for (unsigned i = 0; i < ncpus; i++)
		add_lapic(i, 1);
	add_lapic(200, 0);			/* not enabled */
	put(1 | 12 << 8, 4);			/* an I/O APIC */
	put(0xfec00000, 4);
	put(0, 4);
	end(MADT);
}

static void begin_fadt(unsigned bytes)
{
	begin("FACP");
	length = bytes;
	put_at(40, DSDT, 4);
}

static void write_fadt(void)
{
	begin_fadt(244);
	put_at(48, 0xb2, 4);
	put_at(52, 0xf1, 1);
	put_at(64, 0x604, 4);
	put_at(76, 0x608, 4);
	put_at(112, 1 << 10, 4);
	put_at(116, GAS_SYSTEM_IO, 1);
	put_at(120, 0xcf9, 8);
	put_at(128, 0x0e, 1);
	end(FADT);
}

static void write_dsdt(const char *aml, unsigned n)
{
	begin("DSDT");
	memcpy(table + length, aml, n);
	length += n;
	end(DSDT);
}

#define S5 "\x08_S5_\x12\x06\x04\x0a\x05\x0a\x07\x00\x00"

static void parse(uint64_t rsdp)
{
	said[0] = '\0';
	acpi_parse(&info, rsdp, 0, arena_map);
	arena_free();
}

/* A good machine; a test breaks a part of it. */
static void write_all(void)
{
	static const uint8_t nothing[SIZE];

	arena_reset(nothing, SIZE);
	write_rsdp(true);
	write_root(RSDT, 4);
	write_root(XSDT, 8);
	write_madt(4);
	write_fadt();
	write_dsdt("\x10\x05" S5 "\0\0", sizeof(S5) + 3);
}

static void break_byte(uint64_t phys)
{
	arena_write(phys, "\xa5", 1);
}

TEST(good_tables)
{
	write_all();
	parse(RSDP);
	CHECK_STR(said, "");
	CHECK_EQ(info.ncpus, 4);
	CHECK_EQ(info.nioapics, 1);
	CHECK_EQ(info.power.pm1a_control, 0x604);
	CHECK_EQ(info.power.pm1b_control, 0);
	CHECK_EQ(info.power.slp_typ_a, 5);
	CHECK_EQ(info.power.slp_typ_b, 7);
	CHECK_EQ(info.power.smi_command, 0xb2);
	CHECK_EQ(info.power.acpi_enable, 0xf1);
	CHECK_EQ(info.power.reset_space, GAS_SYSTEM_IO);
	CHECK_EQ(info.power.reset_address, 0xcf9);
	CHECK_EQ(info.power.reset_value, 0x0e);
}

TEST(a_table_with_a_wrong_checksum_is_named_and_ignored)
{
	write_all();
	break_byte(MADT + 40);
	parse(RSDP);
	CHECK(strstr(said, "table APIC at 100400 has a wrong checksum, ignored"));
	CHECK(strstr(said, "no MADT"));
	CHECK_EQ(info.ncpus, 1);
	CHECK_EQ(info.ioapic[0].address, 0xfec00000);
	CHECK_EQ(info.power.slp_typ_a, 5);
}

TEST(a_broken_xsdt_leaves_the_rsdt)
{
	write_all();
	break_byte(XSDT + 20);
	parse(RSDP);
	CHECK(strstr(said, "table XSDT at 100300 has a wrong checksum, ignored"));
	CHECK_EQ(info.ncpus, 4);
}

TEST(no_root_pointer)
{
	write_all();
	break_byte(RSDP + 10);
	parse(RSDP);
	CHECK(strstr(said, "no root pointer where the boot loader said"));
	CHECK_EQ(info.ncpus, 1);
	CHECK_EQ(info.power.slp_typ_a, ACPI_UNKNOWN);
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

TEST(an_old_fadt_has_no_reset_register)
{
	write_all();
	begin_fadt(116);
	put_at(64, 0x604, 4);
	end(FADT);
	parse(RSDP);
	CHECK_EQ(info.power.reset_space, 0);
	CHECK_EQ(info.power.slp_typ_a, 5);
}

/* Neither ports of 16 bits nor the 3 bits of SLP_TYP are used in part. */
TEST(values_out_of_range)
{
	write_all();
	begin_fadt(244);
	put_at(48, 0x100b2, 4);
	put_at(64, 0x10604, 4);
	put_at(68, 0x604, 4);
	end(FADT);
	write_dsdt("\0\0\x08_S5_\x12\x06\x04\x0a\x05\x0a\x08\0\0", 17);
	parse(RSDP);
	CHECK_EQ(info.power.smi_command, 0);
	CHECK_EQ(info.power.pm1a_control, 0);
	CHECK_EQ(info.power.pm1b_control, 0x604);
	CHECK_EQ(info.power.slp_typ_b, ACPI_UNKNOWN);
	write_all();
	write_dsdt("\0\0\x08_S5_\x12\x06\x04\x0a\x55\x0a\x05\0\0", 17);
	parse(RSDP);
	CHECK_EQ(info.power.slp_typ_a, ACPI_UNKNOWN);
}

/* The arena's copies end where the table does: ASan sees a read behind it. */
TEST(tables_that_end_early)
{
	for (unsigned n = 36; n < 244; n++) {
		write_all();
		write_dsdt("\0\0\x08_S5_\x12\xc6\x04\x0a\x05\x0a\x05\0", n % 16);
		write_fadt();
		length = n;
		end(FADT);
		parse(RSDP);
		CHECK_EQ(info.power.pm1a_control, n < 68 ? 0 : 0x604);
		CHECK_EQ(info.power.reset_space, n < 117 ? 0 : GAS_SYSTEM_IO);
	}
}

TEST(words_that_only_look_like_s5)
{
	static const char *const aml[] = {
		"\0\0_S5_\x12\x06\x04\x0a\x05\x0a\x05\0\0\0",	/* no NameOp */
		"\0\x08_S5_\x12\x06\x04\x0b\x05\x00\x0a\x05\0\0",	/* a word, not a byte */
		"\0\x08_S4_\x12\x06\x04\x0a\x05\x0a\x05\0\0\0",
	};

	for (unsigned i = 0; i < 3; i++) {
		write_all();
		write_dsdt(aml[i], 16);
		parse(RSDP);
		CHECK_EQ(info.power.slp_typ_a, ACPI_UNKNOWN);
	}
}

/* SPDX-License-Identifier: MIT */
/* ACPI tables as firmware should write them, and as some does: kernel/cpu/acpi_parse.h. */
#include "tests/host/acpi_write.h"

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

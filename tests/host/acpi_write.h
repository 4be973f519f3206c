/* SPDX-License-Identifier: MIT */
/* ACPI tables that tests of kernel/cpu/acpi_parse.h write, and what the parser says to them. */
#pragma once

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

/* SPDX-License-Identifier: MIT */
/* boot_info from PVH start information (Xen's arch-x86/hvm/start_info.h, version 1). */
#include "boot/boot_info.h"
#include "tests/host/arena.h"
#include "tests/host/test.h"

struct start_info {
	uint32_t magic, version, flags, nmodules;
	uint64_t modules, cmdline, rsdp, memmap;
	uint32_t memmap_entries, reserved;
};
struct module {
	uint64_t start, size, cmdline, reserved;
};
struct memmap_entry {
	uint64_t start, size;
	uint32_t type, reserved;
};

#define PVH_MAGIC 0x336ec578u
#define CMDLINE (ARENA_BASE + 0x1000)
#define MODULES (ARENA_BASE + 0x2000)
#define MEMMAP  (ARENA_BASE + 0x3000)
#define ARENA_SIZE 0x8000

static struct boot_info info;
static struct start_info start;

static void begin(void)
{
	static const struct memmap_entry map[] = {
		{ 0, 0x9fc00, 1, 0 }, { 0xf0000, 0x10000, 2, 0 }, { 0x100000, 0x7f00000, 1, 0 },
	};
	static const struct module module = { 0x1000000, 0x200000, 0, 0 };

	start = (struct start_info){
		.magic = PVH_MAGIC, .version = 1, .nmodules = 1, .modules = MODULES,
		.cmdline = CMDLINE, .rsdp = 0xf5a20, .memmap = MEMMAP, .memmap_entries = 3,
	};
	arena_reset(NULL, ARENA_SIZE);
	arena_write(CMDLINE, "quiet", 6);
	arena_write(MODULES, &module, sizeof(module));
	arena_write(MEMMAP, map, sizeof(map));
}

static const char *parse(void)
{
	arena_write(ARENA_BASE, &start, sizeof(start));
	memset(&info, 0xa5, sizeof(info));
	return boot_info_parse(&info, PVH_MAGIC, ARENA_BASE, arena_map);
}

TEST(everything_that_qemu_tells)
{
	begin();
	CHECK(!parse());
	CHECK_EQ(info.protocol, BOOT_PVH);
	CHECK_STR(info.cmdline, "quiet");
	CHECK_EQ(info.nmodules, 1);
	CHECK_EQ(info.module[0].start, 0x1000000);
	CHECK_EQ(info.module[0].end, 0x1200000);
	CHECK_EQ(info.rsdp, 0xf5a20);
	CHECK_EQ(info.fb.type, FB_NONE);
}

TEST(no_command_line_and_no_module)
{
	begin();
	start.cmdline = 0;
	start.nmodules = 0;
	start.modules = 0;
	CHECK(!parse());
	CHECK_STR(info.cmdline, "");
	CHECK_EQ(info.nmodules, 0);
}

TEST(foreign_magic_refused)
{
	begin();
	start.magic = 0x12345678;
	CHECK(parse());
}

TEST(version_without_memory_map_refused)
{
	begin();
	start.version = 0;
	CHECK(parse());
}

TEST(lists_outside_memory_refused)
{
	begin();
	start.memmap = 0xdeadbeef000;
	CHECK(parse());
	begin();
	start.modules = ~0ull - 8;
	CHECK(parse());
	begin();
	start.cmdline = 0xdeadbeef000;
	CHECK(parse());
}

TEST(absurd_counts_refused)
{
	begin();
	start.memmap_entries = 0xffffffff;
	CHECK(parse());
	begin();
	start.nmodules = 0xffffffff;
	CHECK(parse());
	begin();
	start.memmap_entries = 0;
	CHECK(parse());
}

TEST(module_that_wraps_refused)
{
	static const struct module module = { ~0ull - 100, 0x1000, 0, 0 };

	begin();
	arena_write(MODULES, &module, sizeof(module));
	CHECK(parse());
}

TEST(command_line_too_long_refused)
{
	char line[BOOT_CMDLINE_MAX + 1];

	memset(line, 'x', BOOT_CMDLINE_MAX);
	line[BOOT_CMDLINE_MAX] = 0;
	begin();
	start.cmdline = ARENA_BASE + 0x4000;
	arena_write(start.cmdline, line, sizeof(line));
	CHECK(parse());
}

TEST(command_line_that_runs_out_of_memory_refused)
{
	begin();
	start.cmdline = ARENA_BASE + ARENA_SIZE - 3;
	arena_write(start.cmdline, "abc", 3);
	CHECK(parse());
}

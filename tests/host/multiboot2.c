/* SPDX-License-Identifier: MIT */
/* boot_info from multiboot2 tags (Multiboot2 specification 2.0, section 3.6). */
#include "boot/boot_info.h"
#include "tests/host/arena.h"
#include "tests/host/test.h"

#define MULTIBOOT2_MAGIC 0x36d76289u

static uint8_t bytes[8192];
static size_t used;
static struct boot_info info;

static void put(uint64_t value, unsigned size)
{
	memcpy(bytes + used, &value, size);
	used += size;
}

static void begin(void)
{
	memset(bytes, 0, sizeof(bytes));
	used = 8;
}

static void tag(uint32_t type, uint32_t payload)
{
	used = (used + 7) & ~7ul;
	put(type, 4);
	put(8 + payload, 4);
}

static void tag_string(uint32_t type, const char *s)
{
	tag(type, strlen(s) + 1);
	memcpy(bytes + used, s, strlen(s) + 1);
	used += strlen(s) + 1;
}

static void tag_mmap(unsigned n, const uint64_t (*entry)[3])
{
	tag(6, 8 + n * 24);
	put(24, 4);
	put(0, 4);
	for (unsigned i = 0; i < n; i++) {
		put(entry[i][0], 8);
		put(entry[i][1], 8);
		put(entry[i][2], 8);
	}
}

static void tag_module(uint32_t start, uint32_t end)
{
	tag(3, 8 + 1);
	put(start, 4);
	put(end, 4);
	put(0, 1);
}

/* 1280 x 800, 32 bits each, or only the tag's first bytes (3.6.12). */
static void tag_framebuffer(unsigned size)
{
	static const uint8_t contents[30] = {
		[3] = 0xfd, [9] = 20, [13] = 5, [16] = 0x20, [17] = 3, [20] = 32, [21] = 1,
		[24] = 16, 8, 8, 8, 0, 8,
	};

	tag(8, size);
	memcpy(bytes + used, contents, size);
	used += size;
}

static const uint64_t usual_map[][3] = {
	{ 0, 0x9fc00, 1 },
	{ 0xf0000, 0x10000, 2 },
	{ 0x100000, 0x7ee0000, 1 },
	{ 0x7fe0000, 0x20000, 3 },
};

/* Closes the list and parses it; the total size can be told wrong. */
static const char *parse_as(uint32_t total)
{
	memcpy(bytes, &total, 4);
	arena_reset(bytes, used);
	memset(&info, 0xa5, sizeof(info));
	return boot_info_parse(&info, MULTIBOOT2_MAGIC, ARENA_BASE, arena_map);
}

static const char *parse(void)
{
	tag(0, 0);
	return parse_as(used);
}

TEST(everything_that_grub_tells)
{
	begin();
	tag_string(1, "nofsgsbase -- a b");
	tag_string(2, "GRUB 2.06");
	tag_mmap(4, usual_map);
	tag_module(0x1000000, 0x1200000);
	tag_framebuffer(30);
	CHECK(!parse());
	CHECK_EQ(info.protocol, BOOT_MULTIBOOT2);
	CHECK_STR(info.cmdline, "nofsgsbase -- a b");
	CHECK_EQ(info.nmodules, 1);
	CHECK_EQ(info.module[0].start, 0x1000000);
	CHECK_EQ(info.module[0].end, 0x1200000);
	CHECK_EQ(info.fb.type, FB_RGB);
	CHECK_EQ(info.fb.address, 0xfd000000);
	CHECK_EQ(info.fb.width, 1280);
	CHECK_EQ(info.fb.pitch, 5120);
	CHECK_EQ(info.fb.red_shift, 16);
	CHECK_EQ(info.fb.blue_bits, 8);
	CHECK(!info.remark);
}

/* Cut behind the address, the type, and in the middle of the colours. */
TEST(a_framebuffer_tag_that_is_too_short)
{
	static const unsigned sizes[] = { 0, 8, 22, 24, 29 };

	for (unsigned i = 0; i < 5; i++) {
		begin();
		tag_mmap(4, usual_map);
		tag_framebuffer(sizes[i]);
		CHECK(!parse());
		CHECK_EQ(info.fb.type, FB_NONE);
		CHECK(info.remark && strstr(info.remark, "no screen"));
	}
}

TEST(a_good_framebuffer_tag_behind_a_short_one)
{
	begin();
	tag_mmap(4, usual_map);
	tag_framebuffer(22);
	tag_framebuffer(30);
	CHECK(!parse());
	CHECK_EQ(info.fb.type, FB_RGB);
	CHECK(!info.remark);
}

TEST(ranges_are_sorted_and_ram_is_page_aligned)
{
	begin();
	tag_mmap(4, usual_map);
	CHECK(!parse());
	CHECK(info.nranges >= 4);
	for (unsigned i = 0; i < info.nranges; i++) {
		CHECK(info.range[i].start < info.range[i].end);
		CHECK(!i || info.range[i - 1].end <= info.range[i].start);
		if (info.range[i].type == RANGE_RAM)
			CHECK_EQ((info.range[i].start | info.range[i].end) & 0xfff, 0);
	}
}

TEST(in_an_overlap_the_reserved_type_wins)
{
	static const uint64_t map[][3] = { { 0x100000, 0x10000000, 1 }, { 0x200000, 0x1000, 2 } };

	begin();
	tag_mmap(2, map);
	CHECK(!parse());
	for (unsigned i = 0; i < info.nranges; i++)
		if (info.range[i].type == RANGE_RAM)
			CHECK(info.range[i].end <= 0x200000 || info.range[i].start >= 0x201000);
}

TEST(range_that_wraps_the_address_space)
{
	static const uint64_t map[][3] = { { 0x100000, 0x1000000, 1 }, { ~0xfffull, 0x10000, 1 } };

	begin();
	tag_mmap(2, map);
	if (parse())
		return;
	for (unsigned i = 0; i < info.nranges; i++)
		CHECK(info.range[i].start < info.range[i].end);
}

TEST(rsdp_inside_the_information_is_found)
{
	begin();
	tag_mmap(4, usual_map);
	tag(15, 36);
	memcpy(bytes + used, "RSD PTR ", 8);
	used += 36;
	CHECK(!parse());
	CHECK(info.rsdp >= ARENA_BASE);
	CHECK(info.rsdp < ARENA_BASE + used);
	CHECK_EQ(memcmp(bytes + (info.rsdp - ARENA_BASE), "RSD PTR ", 8), 0);
}

TEST(without_memory_map_refused)
{
	begin();
	tag_string(1, "");
	CHECK(parse());
}

TEST(map_without_ram_refused)
{
	static const uint64_t map[][3] = { { 0, 0x1000000, 2 } };

	begin();
	tag_mmap(1, map);
	CHECK(parse());
}

TEST(command_line_too_long_refused)
{
	char line[BOOT_CMDLINE_MAX + 1];

	memset(line, 'x', BOOT_CMDLINE_MAX);
	line[BOOT_CMDLINE_MAX] = 0;
	begin();
	tag_mmap(4, usual_map);
	tag_string(1, line);
	CHECK(parse());
}

TEST(command_line_without_end_refused)
{
	begin();
	tag_mmap(4, usual_map);
	tag(1, 4);
	put(0x61616161, 4);
	CHECK(parse());
}

TEST(total_size_beyond_memory_refused)
{
	begin();
	tag_mmap(4, usual_map);
	tag(0, 0);
	CHECK(parse_as(used + 4096));
	CHECK(parse_as(0xffffffff));
	CHECK(parse_as(4));
}

TEST(tag_smaller_than_its_header_refused)
{
	begin();
	tag_mmap(4, usual_map);
	tag(1, 0);
	bytes[used - 4] = 4;
	CHECK(parse());
}

TEST(tag_larger_than_the_rest_refused)
{
	begin();
	tag_mmap(4, usual_map);
	tag(1, 100000);
	CHECK(parse());
}

TEST(memory_map_with_entries_too_small_refused)
{
	for (unsigned size = 0; size <= 8; size += 8) {
		begin();
		tag(6, 8 + 24);
		put(size, 4);
		put(0, 4);
		used += 24;
		CHECK(parse());
	}
}

TEST(module_with_end_before_start_refused)
{
	begin();
	tag_mmap(4, usual_map);
	tag_module(0x2000000, 0x1000000);
	CHECK(parse());
}

TEST(modules_that_overlap_refused)
{
	begin();
	tag_mmap(4, usual_map);
	tag_module(0x1000000, 0x1200000);
	tag_module(0x1200000, 0x1400000);
	CHECK(!parse());
	begin();
	tag_mmap(4, usual_map);
	tag_module(0x1000000, 0x1200000);
	tag_module(0x11fffff, 0x1400000);
	CHECK(parse());
}

TEST(foreign_magic_refused)
{
	begin();
	tag_mmap(4, usual_map);
	tag(0, 0);
	CHECK(!parse_as(used));
	CHECK(boot_info_parse(&info, 0x2badb002, ARENA_BASE, arena_map));
}

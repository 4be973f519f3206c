/* SPDX-License-Identifier: MIT */
/* newc archives: kernel/fs/cpio.h, cpio(5). */
#include "kernel/fs/cpio.h"
#include "tests/host/test.h"

static char archive[8192];
static size_t used;
static struct cpio_entry entry;
static const char *why;

static void align(void)
{
	while (used & 3)
		archive[used++] = 0;
}

/* A header with the given sizes in it, which need not be true. */
static void add_raw(const char *name, size_t name_size, const char *data, size_t size, size_t told)
{
	used += sprintf(archive + used,
			"070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 7, 0100644, 1,
			2, 1, 99, (unsigned)told, 0, 0, 0, 0, (unsigned)name_size, 0);
	memcpy(archive + used, name, strlen(name) + 1);
	used += strlen(name) + 1;
	align();
	memcpy(archive + used, data, size);
	used += size;
	align();
}

static void add(const char *name, const char *data)
{
	add_raw(name, strlen(name) + 1, data, strlen(data), strlen(data));
}

static void trailer(void)
{
	add("TRAILER!!!", "");
}

/* Parses an exact copy, so that ASan sees a byte too many. */
static int parse(int *entries)
{
	uint8_t *copy = malloc(used ? used : 1);
	size_t offset = 0, before;
	int ret;

	memcpy(copy, archive, used);
	*entries = 0;
	why = NULL;
	do {
		before = offset;
		ret = cpio_next(copy, used, &offset, &entry, &why);
		if (ret > 0) {
			++*entries;
			CHECK(offset > before);
			CHECK(strlen(entry.name) < used);
			CHECK(!entry.size || entry.data + entry.size <= copy + used);
		}
	} while (ret > 0);
	free(copy);
	return ret;
}

static void begin(void)
{
	memset(archive, 0, sizeof(archive));
	used = 0;
}

static void expect(int result, int entries)
{
	int n;

	CHECK_EQ(parse(&n), result);
	CHECK_EQ(n, entries);
	CHECK(result >= 0 || why);
}

TEST(fields_of_one_entry)
{
	size_t offset = 0;

	begin();
	add("bin/x", "hello");
	CHECK_EQ(cpio_next((uint8_t *)archive, used, &offset, &entry, &why), 1);
	CHECK_STR(entry.name, "bin/x");
	CHECK_EQ(entry.size, 5);
	CHECK_EQ(memcmp(entry.data, "hello", 5), 0);
	CHECK_EQ(entry.mode, 0100644);
	CHECK_EQ(entry.uid, 1);
	CHECK_EQ(entry.gid, 2);
	CHECK_EQ(entry.ino, 7);
	CHECK_EQ(entry.mtime, 99);
}

TEST(concatenated_archives_with_padding)
{
	begin();
	add("a", "1");
	trailer();
	used += 512 - used % 512;
	add("b", "2");
	add("c", "");
	trailer();
	used += 508;
	expect(0, 3);
}

TEST(nothing_and_only_padding_are_empty)
{
	begin();
	expect(0, 0);
	used = 1024;
	expect(0, 0);
}

TEST(foreign_magic_refused)
{
	begin();
	add("a", "1");
	archive[5] = '7';
	expect(-1, 0);
	memcpy(archive, "\x1f\x8b\x08\0\0\0", 6);
	expect(-1, 0);
}

TEST(broken_digits_refused)
{
	begin();
	add("a", "1");
	archive[54] = 'g';
	expect(-1, 0);
	archive[54] = ' ';
	expect(-1, 0);
}

TEST(archive_without_trailer_refused)
{
	begin();
	add("a", "1");
	expect(-1, 1);
	trailer();
	expect(0, 1);
}

TEST(every_truncation_is_refused)
{
	size_t whole;
	int n;

	begin();
	add("first", "hello");
	add("second", "world");
	trailer();
	whole = used;
	for (used = 1; used < whole - 3; used++)
		CHECK_EQ(parse(&n), -1);
}

TEST(each_archive_says_where_it_begins)
{
	size_t offset = 0;
	bool first[3];

	begin();
	add("a", "1");
	add("b", "2");
	trailer();
	add("c", "3");
	trailer();
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(cpio_next((uint8_t *)archive, used, &offset, &entry, &why), 1);
		first[i] = entry.new_archive;
	}
	CHECK(first[0] && !first[1] && first[2]);
}

TEST(error_leaves_the_offset_at_the_broken_entry)
{
	size_t offset = 0, second;

	begin();
	add("a", "1");
	second = used;
	add("b", "2");
	archive[second] = 'x';
	CHECK_EQ(cpio_next((uint8_t *)archive, used, &offset, &entry, &why), 1);
	CHECK_EQ(cpio_next((uint8_t *)archive, used, &offset, &entry, &why), -1);
	CHECK_EQ(offset, second);
}

TEST(sizes_beyond_the_archive_refused)
{
	begin();
	add_raw("a", 2, "1", 1, 0xffffffff);
	expect(-1, 0);
	begin();
	add_raw("a", 0xffffffff, "1", 1, 1);
	expect(-1, 0);
	begin();
	add_raw("a", 0xfffffff0, "1", 1, 0x20);
	expect(-1, 0);
}

TEST(names_without_end_or_empty_refused)
{
	begin();
	add_raw("abcd", 4, "1", 1, 1);
	expect(-1, 0);
	begin();
	add_raw("", 0, "", 0, 0);
	expect(-1, 0);
}

/* SPDX-License-Identifier: MIT */
/*
 * newc cpio archives: a header of 110 characters (a magic number and 13 numbers of eight hex
 * digits), the name with its NUL, padding to four bytes, the data, padding again.
 */
#include "kernel/fs/cpio.h"
#include "kernel/lib/string.h"

#define NAME_MAX_BYTES 4096

enum field {
	INO, MODE, UID, GID, NLINK, MTIME, SIZE, DEV_MAJOR, DEV_MINOR, RDEV_MAJOR, RDEV_MINOR,
	NAME_SIZE, CHECK, FIELDS
};

struct header {
	char magic[6];
	char field[FIELDS][8];
};
_Static_assert(sizeof(struct header) == 110, "newc");

static bool hex_field(const char *digits, uint32_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < 8; i++) {
		unsigned char c = digits[i], lower = c | 0x20;
		bool letter = lower >= 'a' && lower <= 'f';

		if (!letter && (c < '0' || c > '9'))
			return false;
		*value = *value << 4 | (letter ? lower - 'a' + 10u : c - '0' + 0u);
	}
	return true;
}

static const char *read_header(const uint8_t *at, size_t left, uint32_t *field)
{
	const struct header *h = (const struct header *)at;

	if (left < sizeof(*h))
		return "cut off inside a header";
	/* 070702 differs only by a checksum, which nobody here needs. */
	if (memcmp(h->magic, "070701", 6) && memcmp(h->magic, "070702", 6))
		return "not a newc header";
	for (unsigned i = 0; i < FIELDS; i++) {
		if (!hex_field(h->field[i], &field[i]))
			return "not a hex number in a header";
	}
	return NULL;
}

/* at: the header, left bytes until the archive's end.  *length: of the whole entry. */
static const char *read_entry(const uint8_t *at, size_t left, struct cpio_entry *e, size_t *length)
{
	const char *name = (const char *)at + sizeof(struct header), *why;
	size_t name_size, data;
	uint32_t f[FIELDS];

	why = read_header(at, left, f);
	if (why)
		return why;
	name_size = f[NAME_SIZE];
	if (!name_size || name_size > NAME_MAX_BYTES)
		return "absurd name length";
	data = ALIGN_UP(sizeof(struct header) + name_size, 4);
	if (data > left && sizeof(struct header) + name_size > left)
		return "cut off inside a name";
	if (strnlen(name, name_size) != name_size - 1)
		return "name not terminated where it should end";
	if (f[SIZE] && (data > left || f[SIZE] > left - data))
		return "cut off inside a file's data";
	*e = (struct cpio_entry){
		.name = name, .data = at + data, .size = f[SIZE], .mode = f[MODE],
		.uid = f[UID], .gid = f[GID], .nlink = f[NLINK], .ino = f[INO],
		.rdev_major = f[RDEV_MAJOR], .rdev_minor = f[RDEV_MINOR], .mtime = f[MTIME],
	};
	/* The last padding may be missing. */
	*length = MIN(ALIGN_UP(data + f[SIZE], 4), left);
	return NULL;
}

int cpio_next(const uint8_t *archive, size_t size, size_t *offset, struct cpio_entry *entry,
	      const char **why)
{
	bool between = !*offset;	/* archives: here padding and the end are in order */

	for (;;) {
		size_t length;

		while (between && *offset < size && !archive[*offset])
			++*offset;
		if (*offset == size && between)
			return 0;
		if (*offset == size)
			*why = "ends without a trailer";
		else
			*why = read_entry(archive + *offset, size - *offset, entry, &length);
		if (*why)
			return -1;
		*offset += length;
		if (strcmp(entry->name, "TRAILER!!!")) {
			entry->new_archive = between;
			return 1;
		}
		between = true;
	}
}

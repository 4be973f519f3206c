/* SPDX-License-Identifier: MIT */
/*
 * The multiboot2 information: a total size, then tags of (type, size, contents), each
 * padded to 8 bytes, up to a tag of type 0 (Multiboot2 specification 2.0, 3.6).  A tag is
 * believed only as far as its own size and the total size reach.
 */
#include "boot/boot_parse.h"
#include "kernel/lib/string.h"

#define TAG_END		0
#define TAG_CMDLINE	1
#define TAG_MODULE	3
#define TAG_MMAP	6
#define TAG_FRAMEBUFFER 8
#define TAG_ACPI_OLD	14
#define TAG_ACPI_NEW	15
#define TAG_EFI_MMAP	17

#define INFO_MAX  MIB(16)	/* far more than any loader writes */
#define RSDP_V1   20		/* bytes of the copied ACPI structure */
#define RSDP_V2   36

struct header {
	uint32_t total_size, reserved;
};

struct tag {
	uint32_t type, size;
};

struct mmap_entry {
	uint64_t base, length;
	uint32_t type, reserved;
};

struct efi_descriptor {		/* UEFI specification, EFI_MEMORY_DESCRIPTOR */
	uint32_t type, pad;
	uint64_t physical, virtual, pages, attributes;
};

/* What has been found; both memory maps are only read at the end, when we know which to take. */
struct scan {
	struct boot_info *out;
	const uint8_t *mmap, *efi_mmap;	/* contents of the tags */
	uint32_t mmap_size, efi_mmap_size;
	bool new_rsdp;
};

typedef const void *map_fn(uint64_t phys, uint64_t len);

static const char *read_cmdline(struct boot_info *out, const uint8_t *body, uint32_t size)
{
	size_t length = strnlen((const char *)body, size);

	if (length == size)
		return "multiboot2: the command line has no end";
	if (length >= BOOT_CMDLINE_MAX)
		return "the kernel command line is longer than 2047 bytes";
	memcpy(out->cmdline, body, length + 1);
	return NULL;
}

static const char *read_module(struct boot_info *out, const uint8_t *body, uint32_t size)
{
	uint32_t bounds[2];

	if (size < sizeof(bounds))
		return "multiboot2: a module tag is too short";
	memcpy(bounds, body, sizeof(bounds));
	return boot_add_module(out, bounds[0], bounds[1]);
}

/* The tag holds a copy of the ACPI root pointer; its physical address is what we keep. */
static const char *read_rsdp(struct scan *s, const struct tag *tag, uint64_t body_phys)
{
	uint32_t size = tag->size - sizeof(*tag);
	bool is_new = tag->type == TAG_ACPI_NEW;

	if (size < (is_new ? RSDP_V2 : RSDP_V1))
		return "multiboot2: an ACPI tag is too short";
	if (s->new_rsdp && !is_new)
		return NULL;
	s->new_rsdp = is_new;
	s->out->rsdp = body_phys;
	return NULL;
}

static const char *read_mmap(struct boot_info *out, const uint8_t *body, uint32_t size)
{
	uint32_t entry[2];	/* size, version */
	const char *error = NULL;

	if (size < sizeof(entry))
		return "multiboot2: the memory map tag is too short";
	memcpy(entry, body, sizeof(entry));
	if (entry[0] < sizeof(struct mmap_entry))
		return "multiboot2: the memory map has entries that are too short";
	for (uint32_t at = sizeof(entry); size - at >= entry[0] && !error; at += entry[0]) {
		struct mmap_entry e;

		memcpy(&e, body + at, sizeof(e));
		error = boot_add_range(out, e.base, e.length, e.type);
	}
	return error;
}

/* UEFI types: what is free once boot services have ended, and what ACPI keeps. */
static enum boot_range_type efi_range_type(uint32_t type)
{
	if (type >= 1 && type <= 4)
		return RANGE_RAM;	/* loader and boot services, code and data */
	if (type == 7)
		return RANGE_RAM;	/* conventional memory */
	if (type == 9)
		return RANGE_ACPI;
	if (type == 10)
		return RANGE_NVS;
	return RANGE_RESERVED;
}

static const char *read_efi_mmap(struct boot_info *out, const uint8_t *body, uint32_t size)
{
	uint32_t entry[2];	/* size, version */
	const char *error = NULL;

	if (size < sizeof(entry))
		return "multiboot2: the EFI memory map tag is too short";
	memcpy(entry, body, sizeof(entry));
	if (entry[0] < sizeof(struct efi_descriptor))
		return "multiboot2: the EFI memory map has entries that are too short";
	for (uint32_t at = sizeof(entry); size - at >= entry[0] && !error; at += entry[0]) {
		struct efi_descriptor d;

		memcpy(&d, body + at, sizeof(d));
		if (d.pages > UINT64_MAX >> 12)
			return "multiboot2: the EFI memory map has an absurd length";
		error = boot_add_range(out, d.physical, d.pages << 12, efi_range_type(d.type));
	}
	return error;
}

static const char *read_tag(struct scan *s, const struct tag *tag, const uint8_t *body,
			    uint64_t body_phys)
{
	uint32_t size = tag->size - sizeof(*tag);

	switch (tag->type) {
	case TAG_CMDLINE:
		return read_cmdline(s->out, body, size);
	case TAG_MODULE:
		return read_module(s->out, body, size);
	case TAG_FRAMEBUFFER:
		multiboot2_framebuffer(s->out, body, size);
		return NULL;
	case TAG_ACPI_OLD:
	case TAG_ACPI_NEW:
		return read_rsdp(s, tag, body_phys);
	case TAG_MMAP:
		s->mmap = body;
		s->mmap_size = size;
		return NULL;
	case TAG_EFI_MMAP:
		s->efi_mmap = body;
		s->efi_mmap_size = size;
		return NULL;
	default:
		return NULL;
	}
}

static const char *scan_tags(struct scan *s, const uint8_t *info, uint32_t total, uint64_t phys)
{
	uint32_t at = sizeof(struct header);

	while (total - at >= sizeof(struct tag)) {
		struct tag tag;
		const char *error;

		memcpy(&tag, info + at, sizeof(tag));
		if (tag.size < sizeof(tag) || tag.size > total - at)
			return "multiboot2: a tag has an impossible size";
		if (tag.type == TAG_END)
			return NULL;
		error = read_tag(s, &tag, info + at + sizeof(tag), phys + at + sizeof(tag));
		if (error)
			return error;
		if (total - at < ALIGN_UP(tag.size, 8))
			break;
		at += ALIGN_UP(tag.size, 8);
	}
	return "multiboot2: the list of tags has no end";
}

const char *multiboot2_parse(struct boot_info *out, uint64_t phys, map_fn *map)
{
	struct scan s = { .out = out };
	const uint8_t *info = map(phys, sizeof(struct header));
	struct header header;
	const char *error;

	memset(out, 0, sizeof(*out));
	out->protocol = BOOT_MULTIBOOT2;
	if (!info)
		return "multiboot2: the boot information lies outside of memory";
	memcpy(&header, info, sizeof(header));
	if (header.total_size < sizeof(header) || header.total_size > INFO_MAX)
		return "multiboot2: the boot information has an impossible size";
	info = map(phys, header.total_size);
	if (!info)
		return "multiboot2: the boot information lies outside of memory";
	error = scan_tags(&s, info, header.total_size, phys);
	if (error)
		return error;
	if (s.mmap)
		return read_mmap(out, s.mmap, s.mmap_size);
	if (s.efi_mmap)
		return read_efi_mmap(out, s.efi_mmap, s.efi_mmap_size);
	return "multiboot2: the loader gave no memory map";
}

/* SPDX-License-Identifier: MIT */
/*
 * One entry for both boot protocols, and what they share: checking the memory map and
 * bringing it into order.  Pure C without pointers into boot memory; also built and fuzzed
 * on the host.
 */
#include "boot/boot_parse.h"
#include "kernel/lib/string.h"

#define PAGE_BYTES 4096ull
#define RSDP_BYTES 36	/* ACPI 2.0 and later; 20 before */

struct boot_info boot_info;

static bool overlap(const struct boot_module *a, const struct boot_module *b)
{
	return MAX(a->start, b->start) < MIN(a->end, b->end);
}

/*
 * Every module must lie in RAM, as the loader describes it, and apart from the others: each gives
 * its memory back on its own.
 */
static const char *modules_check(const struct boot_info *info)
{
	for (unsigned m = 0; m < info->nmodules; m++) {
		const struct boot_module *module = &info->module[m];
		bool inside = false;

		for (unsigned i = 0; i < info->nranges; i++) {
			const struct boot_range *r = &info->range[i];

			inside |= r->type == RANGE_RAM && module->start >= r->start &&
				  module->end <= r->end;
		}
		if (!inside)
			return "a boot module lies outside of usable memory";
		for (unsigned other = 0; other < m; other++)
			if (overlap(module, &info->module[other]))
				return "two boot modules overlap";
	}
	return NULL;
}

/*
 * multiboot2 gives a copy of the ACPI root pointer in memory that is otherwise free:
 * reserved, or it would be handed out before acpi_init looks at it.
 */
static const char *keep_rsdp(struct boot_info *info)
{
	const char *error;

	if (info->rsdp == 0)
		return NULL;
	error = boot_add_range(info, info->rsdp, RSDP_BYTES, RANGE_RESERVED);
	return error ? error : boot_ranges_normalise(info);
}

const char *boot_info_parse(struct boot_info *out, uint32_t magic, uint64_t info_phys,
			    const void *(*map)(uint64_t phys, uint64_t len))
{
	const char *error;

	if (magic == MULTIBOOT2_BOOT_MAGIC)
		error = multiboot2_parse(out, info_phys, map);
	else if (magic == PVH_START_MAGIC)
		error = pvh_parse(out, info_phys, map);
	else
		error = "started by an unknown boot protocol (neither multiboot2 nor PVH)";
	if (!error)
		error = boot_ranges_normalise(out);
	if (!error)
		error = modules_check(out);
	return error ? error : keep_rsdp(out);
}

const char *boot_add_range(struct boot_info *out, uint64_t start, uint64_t length, uint32_t type)
{
	struct boot_range *r = &out->range[out->nranges];

	if (length == 0)
		return NULL;
	if (start + length < start)
		return "the memory map has a range that wraps around the address space";
	if (out->nranges == BOOT_MAX_RANGES)
		return "the memory map has more ranges than the kernel can take";
	r->start = start;
	r->end = start + length;
	r->type = RANGE_RESERVED;
	if (type == RANGE_RAM || type == RANGE_ACPI || type == RANGE_NVS)
		r->type = type;
	out->nranges++;
	return NULL;
}

const char *boot_add_module(struct boot_info *out, uint64_t start, uint64_t end)
{
	if (end < start)
		return "a boot module ends before it begins";
	if (out->nmodules == BOOT_MAX_MODULES)
		return "more boot modules than the kernel can take";
	out->module[out->nmodules].start = start;
	out->module[out->nmodules].end = end;
	out->nmodules++;
	return NULL;
}

/* Where types disagree about an address, the higher one is believed. */
static unsigned how_reserved(enum boot_range_type type)
{
	switch (type) {
	case RANGE_RAM:
		return 1;
	case RANGE_ACPI:
		return 2;
	case RANGE_NVS:
		return 3;
	default:
		return 4;
	}
}

static unsigned sorted_borders(const struct boot_range *range, unsigned n, uint64_t *border)
{
	unsigned count = 0;

	for (unsigned i = 0; i < 2 * n; i++) {
		uint64_t b = i % 2 ? range[i / 2].end : range[i / 2].start;
		unsigned k = count++;

		for (; k > 0 && border[k - 1] > b; k--)
			border[k] = border[k - 1];
		border[k] = b;
	}
	return count;
}

/* The most reserved type of any range that covers start; 0: none does. */
static unsigned type_at(const struct boot_range *range, unsigned n, uint64_t start)
{
	unsigned type = 0;

	for (unsigned i = 0; i < n; i++) {
		if (start < range[i].start || start >= range[i].end)
			continue;
		if (!type || how_reserved(range[i].type) > how_reserved(type))
			type = range[i].type;
	}
	return type;
}

/* Appends [start, end), or lengthens the last range where it goes on with the same type. */
static const char *append(struct boot_info *info, uint64_t start, uint64_t end, unsigned type)
{
	struct boot_range *last = info->nranges ? &info->range[info->nranges - 1] : NULL;

	if (last && last->type == type && last->end == start) {
		last->end = end;
		return NULL;
	}
	return boot_add_range(info, start, end - start, type);
}

/* Pages that are RAM only in part are nobody's. */
static void align_ram(struct boot_info *info)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < info->nranges; i++) {
		struct boot_range r = info->range[i];

		if (r.type == RANGE_RAM) {
			uint64_t up = (PAGE_BYTES - r.start % PAGE_BYTES) % PAGE_BYTES;

			r.end -= r.end % PAGE_BYTES;
			if (r.end <= r.start || r.end - r.start <= up)
				continue;
			r.start += up;
		}
		info->range[kept++] = r;
	}
	info->nranges = kept;
}

const char *boot_ranges_normalise(struct boot_info *info)
{
	struct boot_range old[BOOT_MAX_RANGES];
	uint64_t border[2 * BOOT_MAX_RANGES];
	unsigned n = info->nranges, borders = sorted_borders(info->range, n, border);

	memcpy(old, info->range, n * sizeof(old[0]));
	info->nranges = 0;
	for (unsigned i = 0; i + 1 < borders; i++) {
		unsigned type = type_at(old, n, border[i]);
		const char *error = NULL;

		if (type && border[i] != border[i + 1])
			error = append(info, border[i], border[i + 1], type);
		if (error)
			return error;
	}
	align_ram(info);
	for (unsigned i = 0; i < info->nranges; i++) {
		if (info->range[i].type == RANGE_RAM)
			return NULL;
	}
	return "the memory map has no usable memory";
}

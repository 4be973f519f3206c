/* SPDX-License-Identifier: MIT */
/*
 * The PVH boot protocol: struct hvm_start_info and what it points to (Xen's
 * public header xen/include/public/arch-x86/hvm/start_info.h; QEMU's -kernel fills version 1).
 * Everything is copied out before it is looked at: nothing here relies on alignment.
 */
#include "boot/boot_parse.h"
#include "kernel/lib/string.h"

struct start_info {
	uint32_t magic, version, flags, nr_modules;
	uint64_t modlist_paddr, cmdline_paddr, rsdp_paddr;
	uint64_t memmap_paddr;		/* from version 1 on */
	uint32_t memmap_entries, reserved;
};

struct modlist_entry {
	uint64_t paddr, size, cmdline_paddr, reserved;
};

struct memmap_entry {
	uint64_t addr, size;
	uint32_t type, reserved;	/* types as in the ACPI address map */
};

typedef const void *map_fn(uint64_t phys, uint64_t len);

static bool copy_in(void *to, uint64_t phys, size_t size, map_fn *map)
{
	const void *from = phys + size < phys ? NULL : map(phys, size);

	if (!from)
		return false;
	memcpy(to, from, size);
	return true;
}

static const char *read_memmap(struct boot_info *out, const struct start_info *si, map_fn *map)
{
	const char *error = NULL;

	if (si->memmap_entries == 0)
		return "PVH: the loader gave no memory map";
	if (si->memmap_entries > BOOT_MAX_RANGES)
		return "PVH: the memory map has more ranges than the kernel can take";
	for (uint32_t i = 0; i < si->memmap_entries && !error; i++) {
		struct memmap_entry e;

		if (!copy_in(&e, si->memmap_paddr + i * sizeof(e), sizeof(e), map))
			return "PVH: the memory map lies outside of memory";
		error = boot_add_range(out, e.addr, e.size, e.type);
	}
	return error;
}

static const char *read_modules(struct boot_info *out, const struct start_info *si, map_fn *map)
{
	const char *error = NULL;

	if (si->nr_modules > BOOT_MAX_MODULES)
		return "PVH: more boot modules than the kernel can take";
	for (uint32_t i = 0; i < si->nr_modules && !error; i++) {
		struct modlist_entry e;

		if (!copy_in(&e, si->modlist_paddr + i * sizeof(e), sizeof(e), map))
			return "PVH: the module list lies outside of memory";
		if (e.paddr + e.size < e.paddr)
			return "PVH: a boot module wraps around the address space";
		error = boot_add_module(out, e.paddr, e.paddr + e.size);
	}
	return error;
}

/* The string's length is not told, so it is read byte by byte until its end. */
static const char *read_cmdline(struct boot_info *out, uint64_t phys, map_fn *map)
{
	if (phys == 0)
		return NULL;
	for (size_t i = 0; i < BOOT_CMDLINE_MAX; i++) {
		if (!copy_in(&out->cmdline[i], phys + i, 1, map))
			return "PVH: the command line lies outside of memory";
		if (out->cmdline[i] == '\0')
			return NULL;
	}
	out->cmdline[BOOT_CMDLINE_MAX - 1] = '\0';
	return "the kernel command line is longer than 2047 bytes";
}

const char *pvh_parse(struct boot_info *out, uint64_t phys, map_fn *map)
{
	struct start_info si;
	const char *error;

	memset(out, 0, sizeof(*out));
	out->protocol = BOOT_PVH;
	if (!copy_in(&si, phys, sizeof(si), map))
		return "PVH: the start information lies outside of memory";
	if (si.magic != PVH_START_MAGIC)
		return "PVH: the start information has a wrong magic number";
	if (si.version < 1)
		return "PVH: the loader is too old to give a memory map";
	out->rsdp = si.rsdp_paddr;
	error = read_memmap(out, &si, map);
	if (!error)
		error = read_modules(out, &si, map);
	if (!error)
		error = read_cmdline(out, si.cmdline_paddr, map);
	return error;
}

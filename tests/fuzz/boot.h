/* SPDX-License-Identifier: MIT */
/* What the fuzz targets of both boot protocols share. */
#pragma once

#include <stdlib.h>
#include <string.h>
#include "boot/boot_info.h"
#include "tests/host/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input is physical memory from ARENA_BASE on, the information stands at its start. */
static inline int fuzz_boot(uint32_t magic, const uint8_t *data, size_t size)
{
	static struct boot_info info;
	const char *error;

	arena_reset(data, size);
	memset(&info, 0, sizeof(info));
	error = boot_info_parse(&info, magic, ARENA_BASE, arena_map);
	arena_free();
	if (error) {
		if (!*error)
			abort();
		return 0;
	}
	if (info.nranges > BOOT_MAX_RANGES || info.nmodules > BOOT_MAX_MODULES ||
	    strnlen(info.cmdline, BOOT_CMDLINE_MAX) == BOOT_CMDLINE_MAX)
		abort();
	for (unsigned i = 0; i < info.nranges; i++)
		if (info.range[i].start >= info.range[i].end ||
		    (i && info.range[i - 1].end > info.range[i].start))
			abort();
	for (unsigned i = 0; i < info.nmodules; i++)
		if (info.module[i].start > info.module[i].end)
			abort();
	return 0;
}

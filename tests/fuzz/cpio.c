/* SPDX-License-Identifier: MIT */
/* Any bytes as an initramfs: it ends, moves on, and gives only what lies inside. */
#include <stdlib.h>
#include <string.h>
#include "kernel/fs/cpio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cpio_entry entry;
	const char *why = NULL;
	size_t offset = 0, before;
	volatile uint8_t last;
	int ret;

	do {
		before = offset;
		ret = cpio_next(data, size, &offset, &entry, &why);
		if (ret <= 0)
			break;
		if (offset <= before || offset > size)
			abort();
		last = (uint8_t)entry.name[strlen(entry.name)];
		if (entry.size)
			last = entry.data[entry.size - 1];
	} while (ret > 0);
	(void)last;
	if (ret < 0 && !why)
		abort();
	return 0;
}

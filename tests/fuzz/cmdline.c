/* SPDX-License-Identifier: MIT */
/* Any text as the kernel's command line. */
#include <stdlib.h>
#include <string.h>
#include "boot/cmdline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct boot_options options;
	char *line = malloc(size + 1);

	memcpy(line, data, size);
	line[size] = 0;
	if (!cmdline_parse(&options, line) && (!options.init || !options.init_args))
		abort();
	free(line);
	return 0;
}

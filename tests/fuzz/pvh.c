/* SPDX-License-Identifier: MIT */
/* Any bytes as pvh's boot information. */
#include "tests/fuzz/boot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_boot(0x336ec578, data, size);
}

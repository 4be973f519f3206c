/* SPDX-License-Identifier: MIT */
#pragma once

#include "kernel/lib/compiler.h"

/*
 * boot/start.asm calls this with what the loader left in EAX and EBX; interrupts off, boot page
 * tables.
 */
__noreturn void kernel_main(uint32_t magic, uint64_t info_phys);

/* SPDX-License-Identifier: MIT */
/* The vDSO of the running program, as a loader sees it. */
#pragma once

#include <stdbool.h>

/* Address of its first byte (AT_SYSINFO_EHDR); NULL: none. */
const unsigned char *vdso_base(void);
/* A symbol by its name, through PT_DYNAMIC; NULL: not there. */
void *vdso_symbol(const char *name);
/* Where the ELF entry point lies. */
void *vdso_entry_point(void);
